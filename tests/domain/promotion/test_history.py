from hypothesis import given
from hypothesis import strategies as st

from domain.promotion.history import PromotionHistory
from tests.support.examples import NOON


def test_earlier_version_can_be_promoted_again():
    again = PromotionHistory()
    for version in ("1", "2", "1"):
        again = again.promote(version, replacing=again.champion, at=NOON)

    assert (again.champion, again.previous, again.roll_back(at=NOON).champion) == ("1", "2", "2")


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
