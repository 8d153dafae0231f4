"""Changes: entries of the ledger and states of a rollout as sentences, newest first."""

from dataclasses import replace
from datetime import timedelta

from domain.delivery.ledger import Event
from domain.delivery.rollout import Phase
from domain.monitoring.change import MAX_CHANGES, SENTENCES, Change, What, newest, rollout_changes
from tests.support.ledgers import a_draft, a_rollout_end
from tests.support.monitoring import a_change
from tests.support.rollouts import STARTED, a_rollout


def test_each_event_of_the_ledger_is_a_change_with_a_sentence():
    assert {*Event.__args__} <= {*What} == {*SENTENCES}


def test_change_keeps_who_and_why_of_the_ledger():
    change = Change.of_ledger(a_draft("7", "6", why="better on new data"))

    assert change.sentence == "Version 7 was promoted."
    assert (change.by, change.why, change.replaced) == ("kim@host", "better on new data", "6")
    assert Change.of_ledger(a_rollout_end()).sentence == "The rollout of version 2 has ended with its promotion."


def test_rollout_under_way_has_its_start_and_its_step():
    canary = replace(a_rollout(), phase=Phase.CANARY, stage=2, entered_at=STARTED + timedelta(hours=1), why="passed")

    step, start = rollout_changes(canary)

    assert step.sentence == "Version 2 answers 5 % of the requests."
    assert (step.why, step.at) == ("passed", canary.entered_at)
    assert start.sentence == "A rollout of version 2 was started."
    assert rollout_changes(a_rollout()) == (start,)


def test_newest_changes_come_first_and_old_ones_go():
    changes = [a_change(minutes) for minutes in range(MAX_CHANGES + 1)]

    assert newest(*changes) == tuple(changes[:0:-1])
