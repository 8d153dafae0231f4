"""Rollout decision: the next state of a rollout, from its state and what a controller observed in one tick."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from domain.delivery.analysis import Analysis, Verdict
from domain.delivery.awaited import awaited
from domain.delivery.counts import RolloutCounts
from domain.delivery.order import MAX_KEPT, AnsweredOrder, Order, OrderAction
from domain.delivery.rollout import Action, Outcome, Phase, Rollout, RolloutRequest
from domain.delivery.rollout_transitions import (
    aborted,
    duration,
    explained,
    held,
    next_stage,
    promoting,
    resumed,
    stage_name,
)

# Percent of replicas that must report, and seconds without them after which a rollout is held.
LEAST_PERCENT = 80
MAX_SILENT_SECONDS = 60.0
TOO_FEW = "Too few replicas report"
"""Beginning of the reason of a hold that ends by itself."""
CHANGED = "the rollout has changed since the operator looked"


@dataclass(frozen=True, slots=True)
class Observation:
    """What a controller observed in one tick.

    Parameters
    ----------
    now : datetime
    counts : RolloutCounts
        Of all replicas, since the start of the rollout.
    analysis : Analysis
        Of these counts.
    replicas, reporting, ready : int
        Number of replicas; of those that report this rollout; and of those that have verified its challenger.
    silent_seconds : float
        Since `LEAST_PERCENT` of the replicas reported.
    request : RolloutRequest or None
        The last one in the store, about this rollout or another.
    orders : tuple of Order
        Those that replicas have accepted lately, the last one at the end.
    """

    now: datetime
    counts: RolloutCounts
    analysis: Analysis
    replicas: int
    reporting: int
    ready: int
    silent_seconds: float = 0.0
    request: RolloutRequest | None = None
    orders: tuple[Order, ...] = ()

    @property
    def is_reported(self) -> bool:
        """Whether sufficiently many replicas report."""
        return is_sufficient(self.reporting, self.replicas)


@dataclass(frozen=True, slots=True)
class Decision:
    """Outcome of one tick.

    The phase of the next state names what remains to be done: `PROMOTING` to move the alias, `ABORTING` to end the
    rollout.

    Parameters
    ----------
    rollout : Rollout
        Its next state, at most one transition away.
    outcome : Outcome or None
        The end of the rollout, if the decision ends it.
    ignored : str
        Why a request or an order changes nothing.
    """

    rollout: Rollout
    outcome: Outcome | None = None
    ignored: str = ""


def is_sufficient(number: int, replicas: int) -> bool:
    """Return whether `number` of `replicas` is at least `LEAST_PERCENT`, and there are any."""
    return replicas > 0 and 100 * number >= LEAST_PERCENT * replicas


def decide(rollout: Rollout, seen: Observation) -> Decision:
    """Return what follows from an observation; the orders that it answers are kept with the next state."""
    request, orders = _new_request(rollout, seen), _new_orders(rollout, seen)
    stale = [order for order in orders if _is_stale(order, rollout)]
    asked = _last_of_each(_asked([order for order in orders if order not in stale], request))
    handled = request.number if request else rollout.handled
    kept = replace(rollout, counts=seen.counts, analysis=seen.analysis.to_values(), handled=handled)
    decision = _decided(kept, seen, asked)
    answers = (AnsweredOrder(each, CHANGED if each in stale else decision.ignored).shortened() for each in orders)
    answered = tuple(sorted((*rollout.orders, *answers), key=lambda each: each.order.at)[-MAX_KEPT:])
    ignored = decision.ignored or (CHANGED if stale else "")
    after = _attributed(decision.rollout, rollout)
    return replace(decision, rollout=replace(after, orders=answered), ignored=ignored)


def _attributed(after: Rollout, before: Rollout) -> Rollout:
    """Return the state whose last transition, if it is a new one, names the person who asked for it."""
    if after.transitions == before.transitions:
        return after
    return replace(after, transitions=(*after.transitions[:-1], replace(after.transitions[-1], by=after.decided_by)))


def _decided(kept: Rollout, seen: Observation, asked: dict[Action, str]) -> Decision:
    """Return the decision: an abort has precedence in each phase, held or not.

    Requests of people come next, then the reasons to hold the rollout, to resume it and to go on.
    """
    if why := _reason_to_abort(kept, seen, asked):
        return Decision(aborted(kept, seen.now, why))
    if asked:
        return _answered(kept, seen, *asked.popitem())
    if kept.phase is Phase.PROMOTING:
        return Decision(kept)
    if kept.held:
        is_over = kept.held.startswith(TOO_FEW) and seen.is_reported
        return Decision(resumed(kept, seen.now, f"{_reporting(seen)} again.") if is_over else kept)
    if seen.silent_seconds >= MAX_SILENT_SECONDS:
        why = f"{TOO_FEW}: {_reporting(seen)} for {duration(seen.silent_seconds)}, and {LEAST_PERCENT} % are needed."
        return Decision(held(kept, seen.now, why))
    return _advanced(kept, seen)


def _new_request(rollout: Rollout, seen: Observation) -> RolloutRequest | None:
    request = seen.request
    is_new = request is not None and request.rollout == rollout.id and request.number > rollout.handled
    return request if is_new else None


def _new_orders(rollout: Rollout, seen: Observation) -> tuple[Order, ...]:
    """Return the orders about this rollout that were not answered yet; one that two replicas report is one.

    An order before the oldest of a full state was answered, and the state no longer keeps it; an abort is always new.
    """
    answered = {each.order.id for each in rollout.orders}
    oldest = rollout.orders[0].order.at if len(rollout.orders) == MAX_KEPT else None
    new = {each.id: each for each in seen.orders if each.rollout == rollout.id and each.id not in answered}
    return tuple(
        each for each in new.values() if oldest is None or each.at > oldest or each.action is OrderAction.ABORT
    )


def _is_stale(order: Order, rollout: Rollout) -> bool:
    """Return whether a promotion would skip other evidence than the operator saw; an abort is right at any time."""
    return order.action is OrderAction.PROMOTE and order.seen != rollout.seen


def _asked(orders: Iterable[Order], request: RolloutRequest | None) -> Iterator[tuple[Action, str]]:
    """Yield each new request with its reason; the one in the store is the last."""
    for order in orders:
        yield Action(order.action.value), order.reason()
    if request:
        why = f": {request.why.rstrip('.')}" if request.why else ""
        yield request.action, f"{request.by} asked to {request.action}{why}."


def _last_of_each(asked: Iterable[tuple[Action, str]]) -> dict[Action, str]:
    """Return the last reason of each action, the last action at the end."""
    reasons: dict[Action, str] = {}
    for action, why in asked:
        reasons.pop(action, None)
        reasons[action] = why
    return reasons


def _reason_to_abort(rollout: Rollout, seen: Observation, asked: dict[Action, str]) -> str:
    if Action.ABORT in asked:
        return asked[Action.ABORT]
    if seen.analysis.verdict is Verdict.FAIL:
        return seen.analysis.why
    # After the promotion, a hold is no reason to return to the old champion.
    if (
        rollout.held_at
        and not rollout.is_after_promotion
        and (seen.now - rollout.held_at).total_seconds() > rollout.plan.max_held_seconds
    ):
        return f"No evidence: held for longer than {duration(rollout.plan.max_held_seconds)}. {rollout.held}"
    return ""


def _answered(rollout: Rollout, seen: Observation, action: Action, why: str) -> Decision:
    if action is Action.PROMOTE:
        return _skipped(rollout, seen.now, why)
    if action is Action.PAUSE:
        if rollout.held:
            return Decision(rollout, ignored=f"the rollout is held already: {rollout.held}")
        return Decision(held(rollout, seen.now, why))
    if not rollout.held:
        return Decision(rollout, ignored="the rollout is not held, so there is nothing to resume")
    return Decision(resumed(rollout, seen.now, f"{why} {awaited(rollout)}"))


def _skipped(rollout: Rollout, now: datetime, why: str) -> Decision:
    if rollout.phase is Phase.PREFLIGHT:
        return Decision(rollout, ignored="the hosts have not verified the challenger yet")
    if rollout.is_after_promotion:
        return Decision(explained(rollout, why), Outcome.PROMOTED)
    return Decision(promoting(rollout, now, why))


def _advanced(rollout: Rollout, seen: Observation) -> Decision:
    """Return the next stage if this one has passed; a stage that takes too long is held."""
    seconds = (seen.now - rollout.entered_at).total_seconds()
    if rollout.is_after_promotion:
        why = f"No test failed for {duration(seconds)} after the promotion."
        is_over = seconds >= rollout.plan.watch_seconds and _is_evaluated(rollout, seen)
        return Decision(explained(rollout, why), Outcome.PROMOTED) if is_over else Decision(rollout)
    if why := _reason_to_go_on(rollout, seen, seconds):
        return Decision(next_stage(rollout, seen.now, why))
    if seconds > rollout.plan.max_step_seconds:
        why = f"Longer than {duration(rollout.plan.max_step_seconds)} in {stage_name(rollout)}. {seen.analysis.why}"
        return Decision(held(rollout, seen.now, why))
    return Decision(rollout)


def _reason_to_go_on(rollout: Rollout, seen: Observation, seconds: float) -> str:
    if rollout.phase is Phase.PREFLIGHT:
        is_ready = is_sufficient(seen.ready, seen.replicas)
        return f"{seen.ready} of {seen.replicas} replicas have verified the challenger." if is_ready else ""
    is_long = seconds >= rollout.plan.least_seconds(rollout.stage)
    passes = is_long and _is_evaluated(rollout, seen) and seen.analysis.verdict is Verdict.PASS
    return seen.analysis.why if passes else ""


def _is_evaluated(rollout: Rollout, seen: Observation) -> bool:
    """Return whether sufficiently many requests were evaluated in the stage, and sufficiently many replicas report."""
    counts = seen.counts - rollout.stage_base
    answers = counts.answers_candidate + counts.entity_answers
    evaluated = answers if rollout.phase is Phase.CANARY else counts.pairs
    return evaluated >= rollout.plan.min_answers and seen.is_reported


def _reporting(seen: Observation) -> str:
    return f"{seen.reporting} of {seen.replicas} replicas report"
