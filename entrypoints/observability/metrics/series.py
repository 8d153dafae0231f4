"""Series: the form in which workers report, and the buckets of request durations."""

from collections.abc import Mapping
from typing import Any

# Upper bounds: one row takes a tenth of a millisecond, a large batch a second.
DURATION_BUCKETS_SECONDS = (
    *(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025),
    *(0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
# A metric's name, then the values of its labels.
Series = tuple[str, ...]
# `in_flight`: requests; `version`, `source` and hold-out `mse` and `mae` of the served model, if there is one.
State = Mapping[str, Any]
