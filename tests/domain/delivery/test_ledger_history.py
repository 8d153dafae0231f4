"""Changes of champion that a ledger has and lacks."""

from datetime import timedelta

from domain.delivery.ledger_history import champion_at, missing_changes
from domain.promotion.history import PromotionHistory
from tests.support.examples import NOON
from tests.support.ledgers import a_draft, a_rollout_end, chained

HISTORY = (
    PromotionHistory()
    .promote("1", replacing=None, at=NOON)
    .promote("2", replacing="1", at=NOON + timedelta(minutes=3))
    .promote("1", replacing="2", at=NOON + timedelta(minutes=5))
    .promote("2", replacing="1", at=NOON + timedelta(minutes=7))
)


def missing(*drafts):
    return [(draft.version, draft.at.minute, draft.actor) for draft in missing_changes(chained(*drafts)[0], HISTORY)]


def test_missing_changes_are_those_of_the_history_that_no_entry_records():
    everything = a_draft(), a_draft("2", "1", 3), a_draft("1", "2", 5), a_draft("2", "1", 7)

    assert missing(*everything) == []
    assert missing(*everything[:1], *everything[2:]) == [("2", 3, "unknown")]
    assert missing() == [("1", 0, "unknown"), ("2", 3, "unknown"), ("1", 5, "unknown"), ("2", 7, "unknown")]


def test_end_of_a_rollout_records_the_change_before_it():
    others = a_draft(), a_draft("1", "2", 5)

    assert missing(*others, a_rollout_end(minutes=4)) == [("2", 7, "unknown")]
    assert missing(*others, a_rollout_end(minutes=40)) == [("2", 3, "unknown")]
    assert missing(*others, a_rollout_end(minutes=4), a_rollout_end(minutes=40)) == []
    assert missing(*others, a_rollout_end(minutes=1)) == [("2", 3, "unknown"), ("2", 7, "unknown")]


def test_champion_of_a_moment_is_that_of_the_last_change_before_it():
    entries, _, _ = chained(
        a_draft("2", "1", 3), a_draft("1", "2", 9), a_rollout_end("1", "1", 11, event="aborted"), a_draft("5", "2", 6)
    )

    for minutes, version in ((0, "1"), (3, "2"), (5, "2"), (6, "5"), (30, "1")):
        champion, change = champion_at(entries, NOON + timedelta(minutes=minutes))
        assert (champion, change and change.version) == (version, version if minutes else None)
    assert champion_at((), NOON) == (None, None)
