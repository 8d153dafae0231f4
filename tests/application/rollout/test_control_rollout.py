"""ControlRollout: a rollout goes from its start to its end, and each of its ends leaves nothing behind."""

from dataclasses import replace

import pytest

from application.rollout.request_action import RequestAction
from application.rollout.tick import Tick
from domain.delivery.counts import RolloutCounts
from domain.delivery.order import OrderAction
from domain.delivery.rollout import Action, Outcome, Phase
from domain.errors import StoreUnavailable
from domain.ports import ReplicaReport
from tests.support.orders import an_order
from tests.support.rollout_world import HARMLESS, PLAN, RolloutWorld

FAILING = replace(HARMLESS, failed_candidate=50)


@pytest.fixture
def world():
    """A rollout of version 2 that a controller drives."""
    world = RolloutWorld()
    world.start("2", PLAN, by="kim@host")
    return world


@pytest.fixture
def controller(world):
    return world.controller()


def events(world):
    return [(entry.event, entry.version, entry.replaced) for entry in world.ledger.entries()]


def is_in(phase):
    return lambda tick: tick.rollout and tick.rollout.phase is phase


def ends(tick):
    return tick.outcome


def leftovers(world):
    return world.state.rollouts, world.state.rollout_requests


def test_harmless_challenger_is_promoted_step_by_step(world, controller):
    ticks = world.run_until(controller, ends)

    places = [(tick.rollout.phase, tick.rollout.stage) for tick in ticks]
    assert list(dict.fromkeys(places)) == [
        (Phase.SHADOW, 0),
        (Phase.CANARY, 1),
        (Phase.CANARY, 2),
        (Phase.WATCH, 3),
    ]
    assert ticks[-1].outcome is Outcome.PROMOTED
    assert world.store.history().champion == "2"
    assert events(world) == [("promote", "2", "1"), ("promoted", "2", "2")]
    assert leftovers(world) == ({}, {})
    assert world.rollouts.rejection("2") == ""
    assert controller().rollout is None


def test_failed_test_aborts_before_the_promotion_and_rejects_the_version(world, controller):
    world.run_until(controller, is_in(Phase.CANARY))

    tick = world.tick(controller, FAILING)

    assert (tick.outcome, tick.rollout.weight) == (Outcome.ABORTED, 0)
    assert tick.rollout.why.startswith("The challenger is worse: failures (challenger 50")
    assert world.rollouts.rejection("2") == tick.rollout.why
    assert world.store.history().champion == "1"
    assert events(world) == [("aborted", "1", "1")]
    assert leftovers(world) == ({}, {})


def test_failed_test_in_the_watch_returns_to_the_old_champion(world, controller):
    world.run_until(controller, is_in(Phase.WATCH))

    tick = world.tick(controller, FAILING)

    assert tick.outcome is Outcome.ABORTED
    assert world.store.history().champion == "1"
    assert events(world) == [("promote", "2", "1"), ("aborted", "1", "2")]
    # The one who started the rollout decided neither.
    assert {entry.actor for entry in world.ledger.entries()} == {"controller"}
    assert leftovers(world) == ({}, {})


def test_person_pauses_resumes_and_aborts(world, controller):
    ask = RequestAction(world.rollouts)
    world.run_until(controller, is_in(Phase.CANARY))
    before = world.rollout.stage

    ask(Action.PAUSE, by="kim@host", why="a look")
    paused = world.run_until(controller, lambda tick: tick.rollout.beat > 20)[-1].rollout
    ask(Action.RESUME, by="kim@host")
    resumed = world.tick(controller).rollout
    ask(Action.ABORT, by="kim@host", why="it is late")
    ended = world.tick(controller)

    assert (paused.held, paused.stage, paused.weight) == ("kim@host asked to pause: a look.", before, 500)
    assert (resumed.held, resumed.handled) == ("", 2)
    assert (ended.outcome, ended.rollout.why) == (Outcome.ABORTED, "kim@host asked to abort: it is late.")


def test_request_without_sense_changes_nothing_and_is_logged(world, controller, caplog):
    world.run_until(controller, is_in(Phase.SHADOW))
    RequestAction(world.rollouts)(Action.RESUME, by="kim@host")

    tick = world.tick(controller, RolloutCounts())

    assert (tick.rollout.phase, tick.rollout.handled) == (Phase.SHADOW, 1)
    assert [record.why for record in caplog.records if record.message == "rollout_request_ignored"]


def test_r08_promotion_by_hand_supersedes_the_rollout(world, controller):
    world.run_until(controller, is_in(Phase.CANARY))
    world.store.promote("3", replacing="1", at=world.now())

    tick = world.tick(controller)

    assert tick.outcome is Outcome.SUPERSEDED
    assert tick.rollout.why == "Version 3 is in production instead of version 1."
    assert events(world) == [("superseded", "3", "1")]
    assert leftovers(world) == ({}, {})


def test_state_removed_by_hand_ends_the_rollout_without_a_change(world, controller):
    world.run_until(controller, is_in(Phase.WATCH))
    world.state.rollouts.clear()

    tick = world.tick(controller)

    assert (tick.outcome, tick.rollout.why) == (Outcome.SUPERSEDED, "Its state was removed from the registry by hand.")
    assert world.store.history().champion == "2"


def test_controller_reports_the_end_that_another_one_made(world, controller):
    world.run_until(controller, is_in(Phase.CANARY))
    world.seconds += 100
    other = world.controller("c2")
    world.tick(other)
    RequestAction(world.rollouts)(Action.ABORT, by="kim@host")
    world.run_until(other, ends, seconds=61)

    tick = world.tick(controller)

    assert tick.outcome is Outcome.ABORTED
    assert controller().rollout is None


def test_deleted_challenger_aborts_the_promotion(world, controller):
    world.run_until(controller, lambda tick: tick.rollout.stage == 2)
    del world.state.versions["2"]

    tick = world.run_until(controller, ends)[-1]

    assert tick.outcome is Outcome.ABORTED
    assert tick.rollout.why.startswith("The version was deleted")
    assert leftovers(world) == ({}, {})


def test_failed_write_loses_no_counts_and_counts_none_twice(world, controller, mocker):
    world.run_until(controller, is_in(Phase.CANARY))
    before = world.tick(controller).rollout.counts
    write = world.rollouts.write
    for is_lost in (True, False):  # or only its answer is

        def failing(rollout, *, replacing, is_lost=is_lost):
            if not is_lost:
                write(rollout, replacing=replacing)
            raise StoreUnavailable("the registry", "it does not answer")

        mocker.patch.object(world.rollouts, "write", failing)
        with pytest.raises(StoreUnavailable):
            world.tick(controller)
        mocker.stopall()

        after = world.tick(controller).rollout.counts

        assert (after - before) == HARMLESS + HARMLESS
        before = after


def test_r09_silent_replicas_hold_the_rollout_until_they_report_again(world, controller):
    world.run_until(controller, is_in(Phase.CANARY))
    world.replicas.reports = (ReplicaReport("a", problem="it does not answer"),)
    holds = []
    for seconds in (50, 10, 0):
        world.seconds += seconds
        while (tick := controller()).is_at_once:
            pass
        holds.append(tick.rollout.held)

    resumed = world.tick(controller)

    assert [hold[:23] for hold in holds] == ["", "Too few replicas report", "Too few replicas report"]
    assert (resumed.rollout.held, resumed.rollout.phase) == ("", Phase.CANARY)


def test_ticks_follow_each_other_within_a_sixth_of_the_ttl(world, controller):
    idle, short = Tick(), replace(world.rollout, plan=replace(PLAN, ttl_seconds=6))

    assert [tick.next_look for tick in (idle, Tick(world.rollout), Tick(short), Tick(short, is_at_once=True))] == [
        10,
        10,
        1,
        0,
    ]


def test_champion_that_changes_between_two_reads_supersedes_nothing(world, controller):
    world.run_until(controller, is_in(Phase.CANARY))
    other = world.controller("c2")
    other()
    world.seconds += 2 * PLAN.ttl_seconds
    steps = other.steps()
    next(steps), next(steps)  # it has read the state, and not the history yet

    while not is_in(Phase.WATCH)(controller()):
        world.seconds += 10
        world.count(world.rollout, HARMLESS)
    rest = [*steps]

    assert world.rollout.writer == "c1"
    assert (len(rest), events(world)) == (1, [("promote", "2", "1")])


def test_r05_second_controller_waits_until_the_beat_has_stood_still(world, controller):
    other = world.controller("c2")
    for _ in range(20):
        world.tick(controller, RolloutCounts())
        waiting = other()
        assert (waiting.rollout.writer, waiting.problem) == ("c1", "controller c1 drives the rollout")

    writers = []
    for seconds in (PLAN.ttl_seconds, 1):
        world.seconds += seconds
        writers.append(other().rollout.writer)

    assert writers == ["c1", "c2"]


def test_counts_of_another_controller_are_not_counted_again(world, controller):
    other = world.controller("c2")
    world.tick(controller)
    for driving in (controller, other, controller):
        world.tick(driving, RolloutCounts(), seconds=1)
        world.seconds += 2 * PLAN.ttl_seconds
        for _ in range(3):
            world.tick(driving, RolloutCounts(pairs=10), seconds=1)

    # The first report after a take-over is a base, and the first tick of the others finds a beat that moves.
    assert world.rollout.counts.pairs == 30 + 20 + 20


def test_abort_of_a_promotion_that_was_cut_off_leaves_no_state_behind(world, controller):
    world.run_until(controller, lambda tick: tick.rollout.stage == 2)
    while "2" not in world.state.rollouts:
        world.seconds += 10
        world.count(world.rollout, HARMLESS)
        for _ in controller.steps():
            if "2" in world.state.rollouts:
                break
    RequestAction(world.rollouts)(Action.ABORT, by="kim@host")
    other = world.controller("c2")
    other()

    tick = world.run_until(other, ends, seconds=61)[-1]

    assert tick.outcome is Outcome.ABORTED
    assert (world.store.history().champion, leftovers(world)) == ("1", ({}, {}))


def test_order_of_the_console_aborts_and_is_in_the_ledger(world, controller):
    world.run_until(controller, is_in(Phase.CANARY))
    pause = an_order(1, OrderAction.PAUSE, seen=world.rollout.seen)
    world.orders = (pause,)
    held = world.tick(controller).rollout
    world.orders = (pause, an_order(2, seen=held.seen))

    ended = world.tick(controller)

    assert (held.held, ended.outcome) == (pause.reason(), Outcome.ABORTED)
    (entry,) = world.ledger.entries()
    assert entry.why == "night (key ops-2) asked to abort: too slow."
    assert entry.actor == "night (key ops-2)"
    assert [(order["action"], order["by"]) for order in entry.verdicts["orders"]] == [
        ("pause", "night (key ops-2)"),
        ("abort", "night (key ops-2)"),
    ]


def test_replica_that_asks_for_a_key_is_logged_once_also_without_a_rollout(caplog):
    world = RolloutWorld()
    controller = world.controller()
    for problem in ("it asks for a key", "it asks for a key", "", "it asks for a key"):
        world.replicas.reports = (ReplicaReport("a", problem=problem),)
        controller()

    logged = [(record.replica, record.why) for record in caplog.records if record.message == "replica_unread"]
    assert logged == 2 * [("a", "it asks for a key")]
