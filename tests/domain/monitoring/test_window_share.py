import math

import numpy as np
import pytest

from domain.monitoring.window_share import log_share


def test_shares_of_all_windows_add_up_to_one():
    shares = np.exp([log_share(looks) for looks in range(1, 2_000)])

    assert shares.sum() == pytest.approx(1 - 1 / math.log2(2_001), rel=1e-12)
    assert np.all(np.diff(shares) < 0)
