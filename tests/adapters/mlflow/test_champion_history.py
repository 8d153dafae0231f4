import json
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.mlflow.champion_history import MIN_ROLLBACKS, from_text, reconcile, to_text
from adapters.mlflow.names import MAX_MODEL_TAG_CHARACTERS
from domain.promotion.history import PromotionHistory
from tests.support.examples import NOON


def history_of(steps):
    """Return the history of promotions of version 1, 2, 3, …; a step that is True rolls back if that is possible."""
    history = PromotionHistory()
    for number, rolls_back in enumerate(steps, start=1):
        at = NOON + timedelta(minutes=number)
        if not rolls_back:
            history = history.promote(str(number), replacing=history.champion, at=at)
        elif history.previous:
            history = history.roll_back(at=at)
    return history


@given(st.lists(st.booleans(), max_size=30))
def test_short_history_is_read_back_as_it_was(steps):
    history = history_of(steps)

    assert from_text(to_text(history)).changes == history.changes


@settings(max_examples=25, deadline=None)  # up to 400 changes an example, built in quadratic time
@given(st.lists(st.booleans(), max_size=40), st.integers(0, 150), st.integers(0, 80))
def test_long_history_keeps_recent_changes_and_twenty_rollbacks_in_one_tag(steps, promotions, rollbacks):
    rolled_back = [True] * min(rollbacks, max(promotions - 1, 0))
    history = history_of([False] * promotions + rolled_back + [False, True] * rollbacks + steps)

    text = to_text(history)

    kept = from_text(text)
    assert len(text) <= MAX_MODEL_TAG_CHARACTERS
    assert kept.changes == history.changes or len(text) > MAX_MODEL_TAG_CHARACTERS - 200
    assert kept.champion == history.champion
    for _ in range(MIN_ROLLBACKS):
        assert kept.previous == history.previous
        if history.previous:
            kept, history = kept.roll_back(at=NOON), history.roll_back(at=NOON)


def test_reconciled_change_is_never_older_than_the_one_before_it():
    recorded = history_of([False])

    history = reconcile(recorded, "7", NOON - timedelta(days=1))

    assert history.champion == "7"
    assert history.changes[-1].at == recorded.changes[-1].at


def test_tag_is_plain_json():
    assert json.loads(to_text(history_of([False, False, True]))) == [
        ["1", None, "promote", "2026-11-23T12:01:00+00:00"],
        ["2", "1", "promote", "2026-11-23T12:02:00+00:00"],
        ["1", "2", "rollback", "2026-11-23T12:03:00+00:00"],
    ]
