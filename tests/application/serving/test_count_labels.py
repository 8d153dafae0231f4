from dataclasses import replace

import pytest

from adapters.shared_memory.used_tokens import SharedUsedTokens
from application.serving.count_labels import MAX_AGE_SECONDS, CountLabels, Label
from application.serving.current_model import CurrentModel
from application.serving.issue_feedback_token import IssueFeedbackToken
from domain.delivery.errors import InvalidFeedbackToken
from domain.delivery.feedback_keys import FeedbackKey, FeedbackKeys
from domain.delivery.labels import ErrorSums, LabelOutcome
from domain.delivery.rollout import Phase
from domain.delivery.routing import Routing
from domain.delivery.served_model import ModelOrigin, ServedModel, ServedModels, ServedRollout
from tests.support.examples import SettableClock, a_version
from tests.support.rollouts import a_rollout

KEYS = FeedbackKeys((FeedbackKey(1, bytes(32)),))
ROLLOUT = a_rollout(champion="1", challenger="2")
COUNTED, LATE, REPEATED = LabelOutcome
# The baseline's hold-out MSE of the examples is 2548.07, so that an error of this size is one point of the grid.
POINT = (2548.07 * 4 / 16) ** 0.5


@pytest.fixture
def current():
    return CurrentModel()


@pytest.fixture
def clock():
    return SettableClock()


@pytest.fixture
def issue(clock):
    nonces = iter(range(1, 100))
    return IssueFeedbackToken(KEYS, clock, lambda _: next(nonces))


@pytest.fixture
def count(current, clock):
    return CountLabels(KEYS, SharedUsedTokens(), current, clock)


def serve(current, champion, other="", rollout=ROLLOUT):
    served = [ServedModel(a_version(name), ModelOrigin.REGISTRY) for name in (champion, other) if name]
    applied = ServedRollout(rollout, served[1], Routing(rollout.salt, 0), 0.0) if other else None
    current.replace(ServedModels(served[0], applied))


def test_label_outside_of_a_rollout_counts_for_the_error_of_its_version(current, count, issue):
    serve(current, "1")

    counts = count([Label(issue("1", 10.0), 13.0), Label(issue("1", 10.0), 6.0), Label(issue("0", 1.0), 1.0)])

    assert counts.outcomes[COUNTED] == 3
    assert counts.errors == {"1": ErrorSums(2, 25.0, 7.0), "0": ErrorSums(1, 0.0, 0.0)}
    assert counts.points == {}


def test_label_of_a_rollout_compares_candidate_and_baseline_before_and_after_the_promotion(current, count, issue):
    before = [Label(issue("1", 0.0, POINT, ROLLOUT.id), 0.0), Label(issue("1", POINT, 0.0, ROLLOUT.id), 0.0)]
    after = [Label(issue("2", 0.0, POINT, ROLLOUT.id), 0.0), Label(issue("2", 0.0, 2 * POINT, ROLLOUT.id), 0.0)]
    serve(current, "1", "2")
    assert count(before).points == {17: 1, 15: 1}

    serve(current, "2", "1", replace(ROLLOUT, phase=Phase.WATCH, stage=len(ROLLOUT.plan.steps) + 1))
    counts = count(after)

    assert counts.points == {15: 1, 12: 1}
    assert counts.errors["2"].labels == counts.outcomes[COUNTED] == 2


def test_label_of_another_rollout_is_late_and_counts_for_the_error(current, count, issue):
    of_another, alone = issue("1", 0.0, 1.0, "20250101T000000Z-9"), issue("1", 0.0)
    serve(current, "1", "2")

    counts = count([Label(of_another, 2.0), Label(alone, 2.0)])

    assert counts.outcomes == {LATE: 1, COUNTED: 1, REPEATED: 0}
    assert counts.errors["1"].labels == 2
    assert counts.points == {}


def test_old_label_is_late_and_counts_for_nothing(current, count, issue, clock):
    serve(current, "1")
    token = issue("1", 0.0)
    clock.seconds += MAX_AGE_SECONDS + 1

    counts = count([Label(token, 2.0)])

    assert counts.outcomes == {LATE: 1, REPEATED: 0}
    assert counts.errors == {}


def test_nothing_is_counted_if_a_token_is_invalid(current, count, issue):
    serve(current, "1")
    label = Label(issue("1", 0.0), 2.0)

    with pytest.raises(InvalidFeedbackToken) as error:
        count([label, Label("x", 2.0)])
    counts = count([label, label])

    assert error.value.item == 1
    assert counts.outcomes == {COUNTED: 1, REPEATED: 1, LATE: 0}
