"""Rollout transitions: the states that follow a state, each with the reason as a sentence."""

from dataclasses import replace
from datetime import datetime

from domain.data.short_text import short_text
from domain.delivery.rollout import MAX_TEXT_CHARACTERS, Phase, Rollout
from domain.delivery.transition import Move, Transition, shortened

MINUTE, HOUR = 60, 3600
BEGINS = {Phase.SHADOW: Move.SHADOW, Phase.CANARY: Move.STEP, Phase.WATCH: Move.WATCH}


def entered(rollout: Rollout, phase: Phase, stage: int, now: datetime, why: str) -> Rollout:
    """Return the state at the beginning of a stage, whose counts begin at zero."""
    after = replace(rollout, phase=phase, stage=stage, entered_at=now, stage_base=rollout.counts, held="", held_at=None)
    return _moved(after, BEGINS[phase], now, why)


def next_stage(rollout: Rollout, now: datetime, why: str) -> Rollout:
    """Return the state after a stage that has passed; the last step is followed by the promotion."""
    if rollout.phase is Phase.PREFLIGHT:
        return entered(rollout, Phase.SHADOW, 0, now, why)
    if rollout.stage + 1 < rollout.plan.watch:
        return entered(rollout, Phase.CANARY, rollout.stage + 1, now, why)
    return promoting(rollout, now, why)


def promoting(rollout: Rollout, now: datetime, why: str) -> Rollout:
    """Return the state before the champion changes; the weight remains that of the stage.

    `entered_at` is the time of the promotion in the history, so that a second attempt makes the same change.
    """
    after = replace(rollout, phase=Phase.PROMOTING, entered_at=now, held="", held_at=None)
    return _moved(after, Move.PROMOTE, now, why)


def watched(rollout: Rollout) -> Rollout:
    """Return the state after the promotion, which is kept with the challenger."""
    return entered(rollout, Phase.WATCH, rollout.plan.watch, rollout.entered_at, rollout.why)


def aborted(rollout: Rollout, now: datetime, why: str) -> Rollout:
    """Return the state that ends the challenger's traffic."""
    return _moved(replace(rollout, phase=Phase.ABORTING, held="", held_at=None), Move.ABORT, now, why)


def explained(rollout: Rollout, why: str) -> Rollout:
    """Return the same state with the reason of its end."""
    return replace(rollout, why=short_text(why, MAX_TEXT_CHARACTERS))


def held(rollout: Rollout, now: datetime, why: str) -> Rollout:
    """Return the state of a rollout that does not go on; its weight remains."""
    return _moved(replace(rollout, held=short_text(why, MAX_TEXT_CHARACTERS), held_at=now), Move.HOLD, now, why)


def resumed(rollout: Rollout, now: datetime, why: str) -> Rollout:
    """Return the state of a rollout that goes on: its stage takes its least time again, except the watch.

    The start of the watch is the time of the promotion, which shows that the state still holds.
    """
    entered_at = rollout.entered_at if rollout.is_after_promotion else now
    return _moved(replace(rollout, held="", held_at=None, entered_at=entered_at), Move.RESUME, now, why)


def taken_over(rollout: Rollout, now: datetime) -> Rollout:
    """Return the state of a rollout whose controller was away, when hosts may have sent no traffic to the challenger.

    The stage takes its least time again. The watch keeps the time of the promotion, and its pairs count from here.
    """
    if rollout.is_after_promotion:
        return replace(rollout, stage_base=rollout.counts)
    return replace(rollout, entered_at=now)


def stage_name(rollout: Rollout) -> str:
    """Return how a sentence names the stage.

    Examples
    --------
    The first of five steps is `step 1 of 5 (1 % of requests)`.
    """
    steps = rollout.plan.steps
    if rollout.phase is Phase.PREFLIGHT:
        return "the preflight"
    if rollout.stage == 0:
        return "the shadow"
    if rollout.is_after_promotion:
        return "the watch"
    return f"step {rollout.stage} of {len(steps)} ({steps[rollout.stage - 1]:g} % of requests)"


def duration(seconds: float) -> str:
    """Return seconds in the unit that people use.

    Examples
    --------
    >>> [duration(seconds) for seconds in (59.6, 600, 21600)]
    ['60 s', '10 min', '6 h']
    """
    if seconds >= 2 * HOUR:
        return f"{seconds / HOUR:.3g} h"
    return f"{seconds / MINUTE:.3g} min" if seconds >= 2 * MINUTE else f"{seconds:.0f} s"


def _moved(after: Rollout, move: Move, now: datetime, why: str) -> Rollout:
    """Return the state with its reason, and with the transition that led to it."""
    transition = Transition(now, move, after.weight, why)
    return replace(
        after, why=short_text(why, MAX_TEXT_CHARACTERS), transitions=shortened((*after.transitions, transition))
    )
