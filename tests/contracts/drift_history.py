"""Contract of a drift history: held by shared memory and by the memory of one process."""

from domain.monitoring.drift_series import DriftLevel
from tests.support.monitoring import NOW

DAY = 86_400.0


class DriftHistoryContract:
    """Subclasses give the fixture `history`, which is empty."""

    def test_last_level_of_each_minute_is_kept_for_a_day(self, history):
        history.keep(DriftLevel(3, 0.75), NOW - DAY)
        history.keep(DriftLevel(9, 9.0), NOW)
        history.keep(DriftLevel(1, 0.25), NOW + 59)
        history.keep(DriftLevel(2, 0.5), NOW + 120)

        series = history.read(4, NOW + 179)

        assert (series.drifted, series.excess_psi) == ((None, None, 1, None), (None, None, 0.25, None))
        assert history.read(1440, NOW + 60).drifted == (*[None] * 1439, 1)
        assert history.read(1, NOW + DAY + 60).drifted == (None,)
        assert series.last(2).grouped(2).excess_psi == (0.25,)
