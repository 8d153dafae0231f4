"""Contract of a drift log: held by shared memory and by the memory of one process."""

from domain.monitoring.drift_window import HALF_ROWS
from tests.support.monitoring import NOW


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

    def test_window_is_the_last_full_half_and_the_rows_after_it(self, log):
        seen = []
        for at, rows in enumerate((HALF_ROWS - 1, 1, 2, HALF_ROWS - 2, 3, HALF_ROWS, 5)):
            log.add("7", rows, {at: rows, 8_000: 1}, NOW + at)
            window = log.read()
            seen.append((window.looks, window.since - NOW, window.rows))

        # The window begins later as often as its earlier half is left out.
        half = HALF_ROWS
        assert seen == [
            (1, 0, half - 1),
            (1, 0, half),
            (1, 0, half + 2),
            (1, 0, 2 * half),
            (2, 2, half + 3),
            (2, 2, 2 * half + 3),
            (3, 4, half + 8),
        ]
        assert self.counts(log) == {4: 3, 5: half, 6: 5, 8_000: 3}

    def test_first_time_of_a_drift_is_kept_until_it_ends(self, log):
        log.mark({0}, NOW)
        log.add("7", 2 * HALF_ROWS, {0: 9}, NOW)
        log.mark({0, 2}, NOW + 1)
        log.add("7", 2 * HALF_ROWS, {0: 9}, NOW + 2)
        log.add("7", 1, {0: 1}, NOW + 3)
        assert log.read().found == {0: NOW + 1, 2: NOW + 1}

        log.mark({2, 3}, NOW + 4)
        assert log.read().found == {2: NOW + 1, 3: NOW + 4}

        log.add("8", 1, {0: 1}, NOW + 5)
        assert log.read().found == {}
