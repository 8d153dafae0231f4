import numpy as np

from domain.delivery.labels import ErrorSums
from domain.monitoring.truth import MIN_LABELS, check_error


def scores_of(errors: np.ndarray) -> dict[str, float]:
    return {"mse": float(np.mean(errors**2)), "mae": float(np.mean(np.abs(errors)))}


def alarm_at(random: np.random.Generator, rise: float, labels: int, held_out_rows: int = 200) -> int | None:
    """Return the number of labels at which the error is found to have risen, looked at after each ten of them."""
    scores = scores_of(random.standard_t(5, size=held_out_rows))
    errors = np.abs(rise * random.standard_t(5, size=labels))
    absolute, squared = np.cumsum(errors), np.cumsum(errors**2)
    for n in range(10, labels + 1, 10):
        sums = ErrorSums(n, float(squared[n - 1]), float(absolute[n - 1]))
        if check_error(sums, **scores, held_out_rows=held_out_rows).has_risen:
            return n
    return None


def test_error_that_has_not_risen_raises_an_alarm_once_in_a_hundred_runs_at_most():
    random, runs = np.random.default_rng(1), 200

    alarms = [alarm_at(random, 1.0, 2_000) for _ in range(runs)]

    assert sum(alarm is not None for alarm in alarms) <= runs / 100, alarms


def test_error_that_has_doubled_is_found_within_two_hundred_labels():
    random, runs = np.random.default_rng(2), 100

    alarms = [alarm_at(random, 2.0, 200) for _ in range(runs)]

    assert sum(alarm is not None for alarm in alarms) >= 0.95 * runs, alarms


def test_no_labels_and_few_labels_are_no_alarm():
    scores = scores_of(np.ones(20))
    for labels in (0, 1, MIN_LABELS - 1):
        assert not check_error(ErrorSums(labels, 1e6 * labels, 1e3 * labels), **scores, held_out_rows=20).has_risen
    assert check_error(ErrorSums(MIN_LABELS, 1e6 * MIN_LABELS, 1e3 * MIN_LABELS), **scores, held_out_rows=20).has_risen


def test_few_held_out_rows_need_a_larger_rise():
    errors = np.random.default_rng(0).normal(size=100_000)
    labels = ErrorSums(5_000, 5_000 * 1.44, 5_000 * 1.2 * 0.7979)

    assert check_error(labels, **scores_of(errors), held_out_rows=1_000).has_risen
    assert not check_error(labels, **scores_of(errors), held_out_rows=20).has_risen
