"""Contract of a drift log: held by shared memory and by the memory of one process."""

import pytest

from domain.monitoring.drift_window import MIN_WINDOW_ROWS
from tests.support.monitoring import NOW

DAY = 86_400.0


class DriftLogContract:
    """Subclasses give the fixture `log`, an empty log."""

    def counts(self, log) -> dict[int, int]:
        counts = log.read().counts
        return {place: int(counts[place]) for place in counts.nonzero()[0].tolist()}

    def test_empty_log_has_no_window(self, log):
        assert log.read() is None

    def test_counts_of_a_version_add_up(self, log):
        log.add("7", 2, {0: 1, 8_000: 1}, NOW)
        log.add("7", 3, {0: 2, 4: 1}, NOW + 1)

        window = log.read()

        assert (window.version, window.since, window.looks, window.rows) == ("7", NOW, 1, 5)
        assert self.counts(log) == {0: 3, 4: 1, 8_000: 1}
        assert window.fitted(3).tolist() == [3, 0, 0]
        assert window.fitted(9_000)[8_000] == 1

    def test_another_version_begins_anew(self, log):
        log.add("7", 2, {0: 1}, NOW)
        log.add("8", 1, {3: 1}, NOW + 5)

        window = log.read()

        assert (window.version, window.since, window.looks, window.rows) == ("8", NOW + 5, 1, 1)
        assert self.counts(log) == {3: 1}

    @pytest.mark.parametrize(("rows", "looks"), [(MIN_WINDOW_ROWS, 2), (MIN_WINDOW_ROWS - 2, 1)])
    def test_counting_begins_anew_at_midnight_after_enough_rows(self, log, rows, looks):
        log.add("7", rows, {0: rows}, NOW)
        log.add("7", 1, {1: 1}, NOW + 1)
        log.add("7", 1, {2: 1}, NOW + DAY)

        window = log.read()

        assert (window.looks, window.since) == (looks, NOW + DAY if looks > 1 else NOW)
        assert window.rows == (1 if looks > 1 else rows + 2)

    def test_first_time_of_a_drift_is_kept(self, log):
        log.mark({0}, NOW)
        log.add("7", 9, {0: 9}, NOW)
        log.mark({0, 2}, NOW + 1)
        log.mark({2, 3}, NOW + 2)

        # Of few rows, a drift that is not found again goes on.
        assert log.read().found == {0: NOW + 1, 2: NOW + 1, 3: NOW + 2}

        log.add("7", MIN_WINDOW_ROWS, {0: 1}, NOW + 3)
        log.mark({2}, NOW + 4)
        assert log.read().found == {2: NOW + 1}

    def test_drift_goes_on_at_midnight_and_ends_with_the_version(self, log):
        log.add("7", MIN_WINDOW_ROWS, {0: 9}, NOW)
        log.mark({1}, NOW + 1)
        log.add("7", 1, {0: 1}, NOW + DAY)
        assert log.read().found == {1: NOW + 1}

        log.add("8", 1, {0: 1}, NOW + DAY)
        assert log.read().found == {}
