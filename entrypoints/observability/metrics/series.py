"""Series: the form in which workers report, and the buckets of request durations."""

from collections.abc import Mapping
from typing import Any

from domain.monitoring.traffic import LATENCY_BOUNDS_SECONDS

# One row takes a tenth of a millisecond, a large batch a second.
DURATION_BUCKETS_SECONDS = LATENCY_BOUNDS_SECONDS
# A metric's name, then the values of its labels.
Series = tuple[str, ...]
# `in_flight`: requests; `version`, `source` and hold-out `mse` and `mae` of the served model, if there is one.
State = Mapping[str, Any]
