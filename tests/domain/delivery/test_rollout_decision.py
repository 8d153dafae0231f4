"""Rollout decision: each transition of a rollout, and what has precedence."""

from dataclasses import replace
from datetime import timedelta

from domain.delivery.analysis import Analysis, Verdict
from domain.delivery.awaited import awaited
from domain.delivery.counts import RolloutCounts
from domain.delivery.order import MAX_KEPT, AnsweredOrder, OrderAction
from domain.delivery.plan import RolloutPlan
from domain.delivery.rollout import Action, Outcome, Phase, RolloutRequest
from domain.delivery.rollout_decision import Observation, decide
from tests.support.orders import a_champion_order, an_order, order_id
from tests.support.rollouts import STARTED, a_rollout

PAUSE, RESUME, PROMOTE = OrderAction.PAUSE, OrderAction.RESUME, OrderAction.PROMOTE
PLAN = RolloutPlan(steps=(5, 50), shadow_seconds=60, step_seconds=(60,), watch_seconds=600)
FIRST = a_rollout(plan=PLAN)
SHADOW = replace(FIRST, phase=Phase.SHADOW)
STEP = replace(FIRST, phase=Phase.CANARY, stage=1)
LAST_STEP = replace(STEP, stage=2)
PROMOTING = replace(LAST_STEP, phase=Phase.PROMOTING)
WATCH = replace(FIRST, phase=Phase.WATCH, stage=3)
PAUSED = replace(STEP, held="kim@host asked to pause.", held_at=STARTED)
SILENT = replace(STEP, held="Too few replicas report: 0 of 4.", held_at=STARTED)
COUNTS = RolloutCounts(pairs=200, answers_candidate=100, answers_baseline=900)
PASS, FAIL, UNDECIDED = (
    Analysis((), verdict, why)
    for verdict, why in ((Verdict.PASS, "All pass."), (Verdict.FAIL, "It is worse."), (Verdict.INCONCLUSIVE, "Few."))
)


def seen(seconds=60.0, analysis=PASS, counts=COUNTS, reporting=4, **more):
    now = STARTED + timedelta(seconds=seconds)
    return Observation(now, counts, analysis, replicas=4, reporting=reporting, ready=more.pop("ready", 4), **more)


def asking(action, number=1, why="a page", rollout=FIRST.id):
    return RolloutRequest(rollout, action, "kim@host", why, number)


def place(rollout):
    return rollout.phase, rollout.stage, bool(rollout.held)


def test_stage_goes_on_with_time_traffic_evidence_and_replicas():
    few = replace(COUNTS, pairs=99, answers_candidate=99)
    for rollout, observation, expected in (
        (FIRST, seen(0, ready=3), (Phase.PREFLIGHT, 0, False)),
        (FIRST, seen(0, ready=4), (Phase.SHADOW, 0, False)),
        (SHADOW, seen(59), (Phase.SHADOW, 0, False)),
        (SHADOW, seen(counts=few), (Phase.SHADOW, 0, False)),
        (SHADOW, seen(analysis=UNDECIDED), (Phase.SHADOW, 0, False)),
        (SHADOW, seen(reporting=3), (Phase.SHADOW, 0, False)),
        (SHADOW, seen(), (Phase.CANARY, 1, False)),
        (STEP, seen(counts=few), (Phase.CANARY, 1, False)),
        (replace(STEP, stage_base=few), seen(), (Phase.CANARY, 1, False)),
        (STEP, seen(), (Phase.CANARY, 2, False)),
        (STEP, seen(counts=replace(few, entity_answers=1)), (Phase.CANARY, 2, False)),
        (LAST_STEP, seen(), (Phase.PROMOTING, 2, False)),
        (PROMOTING, seen(10**6, UNDECIDED, silent_seconds=900), (Phase.PROMOTING, 2, False)),
    ):
        decision = decide(rollout, observation)

        assert place(decision.rollout) == expected, observation
        assert decision.outcome is None
        assert decision.rollout.counts == observation.counts
    entered = decide(SHADOW, seen()).rollout
    assert (entered.stage_base, entered.entered_at, entered.why) == (COUNTS, seen().now, "All pass.")


def test_watch_ends_after_its_time_with_replicas_that_report():
    for observation, outcome in (
        (seen(599, UNDECIDED), None),
        (seen(600, UNDECIDED, reporting=3), None),
        (seen(600, UNDECIDED, counts=RolloutCounts(pairs=99)), None),
        (seen(600, UNDECIDED), Outcome.PROMOTED),
    ):
        assert decide(WATCH, observation).outcome is outcome
    assert decide(WATCH, seen(600)).rollout.why == "No test failed for 10 min after the promotion."


def test_failed_test_or_abort_ends_traffic_in_each_phase_held_or_not():
    for rollout in (FIRST, SHADOW, STEP, PAUSED, SILENT, PROMOTING, WATCH, replace(WATCH, held="x", held_at=STARTED)):
        pause = asking(Action.PAUSE)
        for observation, why in (
            (seen(analysis=FAIL, request=pause), "It is worse."),
            (seen(request=asking(Action.ABORT)), "kim@host asked to abort: a page."),
            (seen(request=asking(Action.ABORT, why="")), "kim@host asked to abort."),
            (seen(orders=(an_order(),), request=pause), "night (key ops-2) asked to abort: too slow."),
        ):
            aborted = decide(rollout, observation).rollout

            assert place(aborted) == (Phase.ABORTING, rollout.stage, False)
            assert (aborted.why, aborted.handled) == (why, 1 if observation.request else 0)


def test_rollout_is_held_for_silence_time_and_at_a_request():
    long = PLAN.max_step_seconds + 1
    for rollout, observation, why in (
        (STEP, seen(0, reporting=3, silent_seconds=59), ""),
        (
            STEP,
            seen(0, reporting=3, silent_seconds=60),
            "Too few replicas report: 3 of 4 replicas report for 60 s, and 80 % are needed.",
        ),
        (STEP, seen(long), ""),
        (STEP, seen(long, UNDECIDED), "Longer than 6 h in step 1 of 2 (5 % of requests). Few."),
        (SHADOW, seen(long, UNDECIDED), "Longer than 6 h in the shadow. Few."),
        (FIRST, seen(long, ready=0), "Longer than 6 h in the preflight. All pass."),
        (WATCH, seen(0, request=asking(Action.PAUSE)), "kim@host asked to pause: a page."),
        (STEP, seen(0, orders=(an_order(1, PAUSE),)), "night (key ops-2) asked to pause: too slow."),
        (PAUSED, seen(), PAUSED.held),
        (SILENT, seen(reporting=3), SILENT.held),
        (SILENT, seen(), ""),
    ):
        decision = decide(rollout, observation)

        assert decision.rollout.held == why
        assert decision.rollout.weight == rollout.weight or not why


def test_held_rollout_is_aborted_after_its_limit_but_not_in_the_watch():
    limit = PLAN.max_held_seconds

    for rollout, seconds in ((PAUSED, limit), (replace(WATCH, held="x", held_at=STARTED), limit + 1)):
        assert decide(rollout, seen(seconds)).rollout == replace(rollout, counts=COUNTS, analysis=PASS.to_values())
    aborted = decide(PAUSED, seen(limit + 1)).rollout

    assert (aborted.phase, aborted.why) == (
        Phase.ABORTING,
        "No evidence: held for longer than 24 h. kim@host asked to pause.",
    )


def test_resumed_stage_takes_its_time_again_but_the_watch_keeps_the_time_of_the_promotion():
    resume = asking(Action.RESUME)
    for rollout, entered_at in ((PAUSED, seen(90).now), (replace(WATCH, held="x", held_at=STARTED), STARTED)):
        resumed = decide(rollout, seen(90, request=resume)).rollout
        assert (resumed.held, resumed.held_at, resumed.entered_at) == ("", None, entered_at)
        assert resumed.why.endswith(awaited(resumed))


def test_promotion_at_a_request_skips_what_is_left():
    promote = asking(Action.PROMOTE)
    for rollout in (SHADOW, STEP, PAUSED, replace(PROMOTING, held="x", held_at=STARTED)):
        decision = decide(rollout, seen(0, UNDECIDED, request=promote))
        assert place(decision.rollout) == (Phase.PROMOTING, rollout.stage, False)
        assert decision.rollout.why == "kim@host asked to promote: a page."
    assert decide(WATCH, seen(0, request=promote)).outcome is Outcome.PROMOTED


def test_request_without_sense_is_ignored_with_its_reason_and_handled_once():
    for rollout, action, why in (
        (STEP, Action.RESUME, "the rollout is not held, so there is nothing to resume"),
        (PAUSED, Action.PAUSE, "the rollout is held already: kim@host asked to pause."),
        (FIRST, Action.PROMOTE, "the hosts have not verified the challenger yet"),
    ):
        decision = decide(rollout, seen(0, UNDECIDED, request=asking(action, 7)))
        assert (decision.ignored, place(decision.rollout), decision.rollout.handled) == (why, place(rollout), 7)
    for request in (asking(Action.PAUSE, 7), asking(Action.PAUSE, 9, rollout="20260101T000000Z-9")):
        assert place(decide(replace(STEP, handled=7), seen(0, request=request)).rollout) == place(STEP)


def test_long_reasons_are_cut():
    aborted = decide(STEP, seen(analysis=replace(FAIL, why="x" * 900))).rollout

    assert (len(aborted.why), aborted.why[-1]) == (500, "…")
    words = decide(STEP, seen(analysis=replace(FAIL, why="slow evaluations; " * 60))).rollout
    for text in (words.why, words.transitions[-1].why):
        assert text.removesuffix("…").endswith(("; slow", " evaluations")), text


def test_order_is_answered_once_and_kept_with_its_answer():
    pause = an_order(1, PAUSE)

    held = decide(STEP, seen(0, orders=(pause,)))
    again = decide(replace(held.rollout, held="", held_at=None), seen(0, UNDECIDED, orders=(pause,)))
    ignored = decide(held.rollout, seen(0, orders=(pause, an_order(2, PAUSE))))

    assert (held.rollout.held, held.rollout.orders) == (pause.reason(), (AnsweredOrder(pause),))
    assert (again.rollout.held, again.rollout.orders) == ("", (AnsweredOrder(pause),))
    assert [bool(answered.ignored) for answered in ignored.rollout.orders] == [False, True]


def test_last_order_of_one_tick_counts_and_an_abort_more_than_all():
    orders = (an_order(1, PAUSE), an_order(2, RESUME), an_order(3, PAUSE))

    assert decide(STEP, seen(0, orders=orders)).rollout.held
    assert decide(STEP, seen(0, orders=(an_order(9), *orders))).rollout.phase is Phase.ABORTING


def test_promotion_of_a_rollout_that_has_changed_since_is_ignored_and_an_abort_is_not():
    fresh = an_order(1, PROMOTE, seen=STEP.seen)
    stale = an_order(2, PROMOTE, seen=SHADOW.seen)

    promoted, ignored = (decide(STEP, seen(0, UNDECIDED, orders=(order,))) for order in (fresh, stale))
    aborted = decide(STEP, seen(0, orders=(an_order(3, seen=SHADOW.seen),)))

    assert place(promoted.rollout) == (Phase.PROMOTING, 1, False)
    assert place(ignored.rollout) == place(STEP)
    assert ignored.ignored == ignored.rollout.orders[0].ignored != ""
    assert aborted.rollout.phase is Phase.ABORTING


def test_order_about_another_rollout_or_the_champion_is_none_of_this_one():
    other = an_order(1, seen=STEP.seen.replace(STEP.id, "20260101T000000Z-9"))

    decision = decide(STEP, seen(0, UNDECIDED, orders=(other, a_champion_order())))

    assert (place(decision.rollout), decision.rollout.orders) == (place(STEP), ())


def test_state_keeps_the_last_orders_with_short_texts():
    many = tuple(an_order(number, PAUSE, why="x" * 200) for number in range(1, MAX_KEPT + 3))

    kept = decide(STEP, seen(0, orders=many)).rollout.orders

    assert [answered.order.id for answered in kept] == [order_id(number) for number in range(3, MAX_KEPT + 3)]
    assert {len(answered.order.why) for answered in kept} == {100}


def test_order_that_the_state_no_longer_keeps_is_not_answered_again_but_an_abort_is():
    many = (an_order(1, PAUSE), *(an_order(number, RESUME) for number in range(2, MAX_KEPT + 2)))
    resumed = decide(STEP, seen(0, UNDECIDED, orders=many)).rollout

    again = decide(resumed, seen(0, UNDECIDED, orders=many)).rollout
    aborted = decide(resumed, seen(0, orders=(*many, an_order(0)))).rollout

    assert (again.held, again.orders) == ("", resumed.orders)
    assert aborted.phase is Phase.ABORTING


def test_transition_names_who_asked_for_it():
    for rollout, observation, by in (
        (SHADOW, seen(), "controller"),
        (STEP, seen(0, orders=(an_order(1, PAUSE),)), "night (key ops-2)"),
        (STEP, seen(0, request=asking(Action.ABORT)), "kim@host"),
        (STEP, seen(0, analysis=FAIL, orders=(an_order(1, PAUSE),)), "controller"),
    ):
        (transition,) = decide(rollout, observation).rollout.transitions
        assert (transition.by, transition.at) == (by, observation.now)
    assert decide(PAUSED, seen(0, orders=(an_order(1, PAUSE),))).rollout.transitions == ()
