import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.promotion.errors import NoPreviousVersion, PromotionConflict
from domain.promotion.history import PromotionHistory
from tests.support.examples import NOON


def promoted(*versions: str) -> PromotionHistory:
    history = PromotionHistory()
    for version in versions:
        history = history.promote(version, replacing=history.champion, at=NOON)
    return history


def test_promotion_against_another_champion_is_a_conflict():
    for history in (promoted("1", "2"), PromotionHistory()):
        with pytest.raises(PromotionConflict) as caught:
            history.promote("3", replacing="1", at=NOON)
        assert (caught.value.expected, caught.value.found) == ("1", history.champion)


def test_promoting_the_champion_changes_nothing():
    history = promoted("1")

    assert history.promote("1", replacing="1", at=NOON) is history


def test_every_change_is_kept_and_an_earlier_version_can_be_promoted_again():
    history = promoted("1", "2").roll_back(at=NOON).promote("3", replacing="1", at=NOON)

    assert [(change.version, change.action) for change in history.changes] == [
        *(("1", "promote"), ("2", "promote"), ("1", "rollback"), ("3", "promote"))
    ]
    again = promoted("1", "2", "1")
    assert (again.champion, again.previous, again.roll_back(at=NOON).champion) == ("1", "2", "2")


def test_approval_holds_for_one_champion_and_a_rollback_implies_it():
    approved = promoted("1").promote("2", replacing="1", at=NOON, feature_change_approved=True)

    assert not promoted("1").feature_change_approved
    assert approved.feature_change_approved
    assert not approved.promote("3", replacing="2", at=NOON).feature_change_approved
    assert promoted("1", "2").roll_back(at=NOON).feature_change_approved


def test_champion_can_be_approved_later_and_stays_approved():
    before = promoted("1", "2")

    approved = before.promote("2", replacing="2", at=NOON, feature_change_approved=True)

    assert (approved.changes, approved.feature_change_approved) == (before.changes, True)
    assert approved.promote("2", replacing="2", at=NOON) is approved


def test_rollback_needs_a_version_before():
    for history in (PromotionHistory(), promoted("1"), promoted("1", "2").roll_back(at=NOON)):
        with pytest.raises(NoPreviousVersion):
            history.roll_back(at=NOON)


@given(st.lists(st.sampled_from(["promote", "rollback"])))
def test_history_behaves_like_an_undo_stack(actions):
    history, stack = PromotionHistory(), []
    for number, action in enumerate(actions):
        if action == "promote":
            history = history.promote(str(number), replacing=history.champion, at=NOON)
            stack.append(str(number))
        elif len(stack) > 1:
            history = history.roll_back(at=NOON)
            stack.pop()

        assert history.champion == (stack[-1] if stack else None)
        assert history.previous == (stack[-2] if len(stack) > 1 else None)
