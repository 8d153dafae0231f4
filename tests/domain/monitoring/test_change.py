"""Changes: entries of the ledger and states of a rollout as sentences, newest first."""

from domain.delivery.ledger import Event
from domain.delivery.transition import Move, Transition
from domain.monitoring.change import (
    MAX_CHANGES,
    MAX_ROLLOUTS,
    SENTENCES,
    Change,
    What,
    ledger_changes,
    newest,
    rollout_changes,
)
from tests.support.examples import NOON
from tests.support.ledgers import a_draft, a_rollout_end
from tests.support.monitoring import a_change


def test_each_event_of_the_ledger_is_a_change_with_a_sentence():
    assert {*Event.__args__} <= {*What} == {*SENTENCES}


def test_change_keeps_who_and_why_of_the_ledger():
    change = Change.of_ledger(a_draft("7", "6", why="better on new data"))

    assert change.sentence == "Version 7 was promoted."
    assert (change.by, change.why, change.replaced) == ("kim@host", "better on new data", "6")
    assert Change.of_ledger(a_rollout_end()).sentence == "The rollout of version 2 has ended with its promotion."


def test_rollout_has_its_start_its_steps_and_its_holds_while_it_is_under_way_and_after_its_end():
    transitions = (
        Transition(NOON, Move.START, by="kim@host"),
        Transition(NOON, Move.SHADOW),
        Transition(NOON, Move.STEP, 500, "passed"),
        Transition(NOON, Move.HOLD, 500, by="night (key ops-2)"),
        Transition(NOON, Move.RESUME, 500),
        Transition(NOON, Move.ABORT),
    )
    under_way = rollout_changes("2", transitions)

    assert [change.sentence for change in under_way] == [
        "A rollout of version 2 was started.",
        "Version 2 evaluates requests beside the champion.",
        "Version 2 answers 5 % of the requests.",
        "The rollout of version 2 is held, at 5 % of the requests.",
        "The rollout of version 2 goes on, at 5 % of the requests.",
    ]
    assert [change.by for change in under_way] == ["kim@host", *2 * ["controller"], "night (key ops-2)", "controller"]
    kept = [each.to_values() for each in transitions]
    end, damaged = (a_rollout_end(verdicts={"transitions": values}) for values in (kept, ["x"]))
    assert ledger_changes((end,)) == (Change.of_ledger(end), *under_way)
    assert ledger_changes((damaged,)) == (Change.of_ledger(damaged),)
    # The last ones alone, and one rollout once.
    ends = [a_rollout_end(rollout=f"20261128T09041{n}Z-2", verdicts={"transitions": kept}) for n in (*range(10), 9)]
    assert len(ledger_changes(ends)) == len(ends) + MAX_ROLLOUTS * len(under_way)


def test_newest_changes_come_first_and_old_ones_go():
    changes = [a_change(minutes) for minutes in range(MAX_CHANGES + 1)]

    assert newest(*changes) == tuple(changes[:0:-1])
