"""Contract of a traffic log: held by shared memory and by the memory of one process."""

import pytest

from domain.delivery.labels import ErrorSums
from domain.monitoring.label_window import HALF_LABELS, LabelWindow
from domain.monitoring.traffic import Traffic
from domain.ports import MINUTES, TEN_SECONDS
from domain.ports.monitoring import MAX_TRAFFIC_VERSIONS
from tests.support.monitoring import NOW, traffic

DAY = 86_400.0


class TrafficLogContract:
    """Subclasses give the fixture `new_log`, a function that returns an empty log."""

    @pytest.fixture
    def log(self, new_log):
        return new_log()

    def test_empty_log_has_no_version(self, log):
        assert (log.since, log.read(MINUTES, 60, NOW)) == (0.0, {})

    def test_log_begins_once(self, log):
        log.begin(NOW)
        log.begin(NOW + 60)

        assert log.since == NOW

    def test_counts_are_read_when_their_period_is_complete(self, log):
        log.add({"7": traffic(3, rows=9, seconds=0.5, failed=1, refused=1, overloaded=1)}, NOW + 15)

        assert log.read(MINUTES, 60, NOW + 59) == {}
        assert log.read(TEN_SECONDS, 6, NOW + 19) == {}
        for resolution, at in ((MINUTES, NOW + 60), (TEN_SECONDS, NOW + 20)):
            (series,) = log.read(resolution, 6, at).values()
            assert series.periods()[-1] == traffic(3, rows=9, seconds=0.5, failed=1, refused=1, overloaded=1)
            assert series.periods()[:-1] == (Traffic(),) * 5

    def test_counts_of_one_period_add_up_by_version(self, log):
        for seconds in (0, 20, 59):
            log.add({"7": traffic(1), "8": traffic(2, bucket=5)}, NOW + seconds)

        sums = {name: series.total() for name, series in log.read(MINUTES, 1, NOW + 60).items()}

        assert sums == {"7": traffic(3), "8": traffic(6, bucket=5)}

    def test_errors_of_labels_add_up_by_period_and_beyond_the_kept_ones(self, log):
        label = Traffic(labels=2, squared_errors=25.0, absolute_errors=7.0)
        for at in (NOW, NOW + DAY, NOW + DAY + 30):
            log.add({"7": label, "8": traffic(1)}, at)

        (series, _) = log.read(MINUTES, 1440, NOW + DAY + 60).values()

        assert (series.total(), series.mae()) == (label + label, (*[None] * 1439, 3.5))
        assert log.errors("7") == LabelWindow(ErrorSums(6, 75.0, 21.0), 1)
        assert log.errors("8") == log.errors("never labeled") == LabelWindow(ErrorSums(), 1)

    def test_errors_are_those_of_the_last_full_half_and_the_labels_after_it(self, log):
        seen = []
        for labels in (HALF_LABELS, 2, HALF_LABELS, 3):
            log.add({"7": Traffic(labels=labels, squared_errors=4.0 * labels, absolute_errors=2.0 * labels)}, NOW)
            log.add({"7": traffic(1)}, NOW)
            window = log.errors("7")
            assert (window.sums.squared, window.sums.absolute) == (4.0 * window.sums.labels, 2.0 * window.sums.labels)
            seen.append((window.sums.labels, window.looks))

        assert seen == [(HALF_LABELS, 1), (HALF_LABELS + 2, 1), (2 * HALF_LABELS + 2, 1), (HALF_LABELS + 5, 2)]

    def test_row_of_yesterday_counts_for_nothing_today(self, log):
        log.add({"7": traffic(5)}, NOW)
        log.add({"7": traffic(1)}, NOW + DAY)

        (series,) = log.read(MINUTES, 1440, NOW + DAY + 60).values()

        assert series.total() == traffic(1)

    def test_clock_that_is_set_back_adds_to_the_period_that_it_shows(self, log):
        for at in (NOW + 600, NOW, NOW + 60):
            log.add({"7": traffic(1)}, at)

        (earlier,) = log.read(MINUTES, 60, NOW + 120).values()
        (later,) = log.read(MINUTES, 60, NOW + 660).values()

        assert (earlier.total().answered, later.total().answered) == (2, 3)

    def test_version_that_was_used_longest_ago_is_replaced(self, log):
        names = [str(number) for number in range(MAX_TRAFFIC_VERSIONS)]
        for name in names:
            log.add({name: traffic(1, labels=1)}, NOW)
        log.add({names[0]: traffic(1)}, NOW)

        log.add({"new": traffic(4)}, NOW)

        sums = {name: series.total().answered for name, series in log.read(MINUTES, 1, NOW + 60).items()}
        assert sums == {**dict.fromkeys(names[2:], 1), names[0]: 2, "new": 4}
        assert [log.errors(name).sums.labels for name in (*names[:3], "new", "")] == [1, 0, 1, 0, 0]
