import numpy as np

from domain.delivery.labels import ErrorSums
from domain.monitoring.label_window import HALF_LABELS
from domain.monitoring.truth import MIN_LABELS, check_error


def scores_of(errors: np.ndarray) -> dict[str, float]:
    return {"mse": float(np.mean(errors**2)), "mae": float(np.mean(np.abs(errors)))}


def alarm_at(random: np.random.Generator, rises: np.ndarray, held_out_rows: int = 200) -> int | None:
    """Return the number of labels at which the error is found to have risen, looked at after each 32 of them.

    The error of each label is that of the held-out rows times its rise.
    """
    scores = scores_of(random.standard_t(5, size=held_out_rows))
    errors = np.abs(rises * random.standard_t(5, size=len(rises)))
    absolute, squared = (np.concatenate([[0.0], np.cumsum(errors**power)]) for power in (1, 2))
    for n in range(32, len(rises) + 1, 32):
        ended = max((n - 1) // HALF_LABELS - 1, 0)
        begin = ended * HALF_LABELS
        sums = ErrorSums(n - begin, float(squared[n] - squared[begin]), float(absolute[n] - absolute[begin]))
        if check_error(sums, ended + 1, **scores, held_out_rows=held_out_rows).has_risen:
            return n
    return None


def test_error_that_has_not_risen_raises_an_alarm_once_in_a_hundred_runs_at_most():
    random, runs = np.random.default_rng(1), 200

    alarms = [alarm_at(random, np.ones(10_000)) for _ in range(runs)]

    assert sum(alarm is not None for alarm in alarms) <= runs / 100, alarms


def test_error_that_has_doubled_is_found_within_two_hundred_labels_and_a_thousand_after_many():
    random, runs = np.random.default_rng(2), 50
    for before, within in ((0, 200), (5_000, 1_000)):
        rises = np.concatenate([np.ones(before), np.full(within, 2.0)])

        alarms = [alarm_at(random, rises) for _ in range(runs)]

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
