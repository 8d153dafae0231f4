import pytest

from application.promotion.roll_back import RollBack
from domain.promotion.errors import NoPreviousVersion
from tests.support.examples import SteppingClock


def test_c11_rollback_returns_to_the_version_before_with_any_features(store, promote):
    promote("1")
    promote("4", feature_change_approved=True)

    history = RollBack(store, SteppingClock())()

    assert (history.champion, history.feature_change_approved) == ("1", True)
    with pytest.raises(NoPreviousVersion) as caught:
        RollBack(store, SteppingClock())()
    assert caught.value.champion == "1"
