import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import NothingToRollBackTo, PromotionConflict
from domain.history import History
from tests.examples import NOON


def promoted(*versions: str) -> History:
    history = History()
    for version in versions:
        history = history.promote(version, replacing=history.champion, at=NOON)
    return history


def test_empty_history_has_neither_champion_nor_previous():
    assert (History().champion, History().previous) == (None, None)


def test_promotion_makes_a_champion_and_remembers_the_one_before():
    history = promoted("1", "2")

    assert (history.champion, history.previous) == ("2", "1")


def test_promotion_against_another_champion_is_a_conflict():
    with pytest.raises(PromotionConflict, match="the champion is now 2, not 1"):
        promoted("1", "2").promote("3", replacing="1", at=NOON)
    with pytest.raises(PromotionConflict, match="the champion is now none, not 1"):
        History().promote("3", replacing="1", at=NOON)


def test_promoting_the_champion_changes_nothing():
    history = promoted("1")

    assert history.promote("1", replacing="1", at=NOON) is history


def test_rollback_then_promotion_continues_from_where_it_went_back_to():
    history = promoted("1", "2").roll_back(at=NOON).promote("3", replacing="1", at=NOON)

    assert (history.champion, history.previous) == ("3", "1")
    assert [change.action for change in history.changes] == ["promote", "promote", "rollback", "promote"]


def test_earlier_version_can_be_promoted_again_and_rolled_back_from():
    history = promoted("1", "2", "1")

    assert (history.champion, history.previous) == ("1", "2")
    assert history.roll_back(at=NOON).champion == "2"


@pytest.mark.parametrize("history", [History(), promoted("1"), promoted("1", "2").roll_back(at=NOON)])
def test_rollback_needs_something_before(history):
    with pytest.raises(NothingToRollBackTo):
        history.roll_back(at=NOON)


@given(st.lists(st.sampled_from(["promote", "rollback"])))
def test_history_behaves_like_an_undo_stack(actions):
    history, stack = History(), []
    for number, action in enumerate(actions):
        if action == "promote":
            history = history.promote(str(number), replacing=history.champion, at=NOON)
            stack.append(str(number))
        elif len(stack) > 1:
            history = history.roll_back(at=NOON)
            stack.pop()

        assert history.champion == (stack[-1] if stack else None)
        assert history.previous == (stack[-2] if len(stack) > 1 else None)
