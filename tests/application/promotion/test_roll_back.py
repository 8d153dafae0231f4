import pytest

from domain.promotion.errors import NoPreviousVersion


def test_c11_rollback_returns_to_the_version_before_with_any_features(promote, roll_back):
    promote("1")
    promote("4", feature_change_approved=True)

    history = roll_back()

    assert (history.champion, history.feature_change_approved) == ("1", True)
    with pytest.raises(NoPreviousVersion) as caught:
        roll_back()
    assert caught.value.champion == "1"


def test_ledger_records_the_rollback(promote, roll_back, ledger):
    promote("1")
    promote("2")

    history = roll_back()

    recorded = ledger.entries()[-1]
    assert (recorded.event, recorded.version, recorded.replaced) == ("rollback", "1", "2")
    assert (recorded.actor, recorded.why, recorded.at) == ("mia@host", "it was worse", history.changes[-1].at)
