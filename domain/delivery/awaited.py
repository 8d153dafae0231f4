"""Awaited: what the present stage of a rollout waits for, as a sentence for an operator."""

from domain.delivery.rollout import Phase, Rollout
from domain.delivery.rollout_transitions import duration, stage_name
from domain.delivery.shown_tests import ShownTest, next_weight, shown_tests

# Tests that a sentence names, at most.
MAX_NAMED = 3


def awaited(rollout: Rollout) -> str:
    """Return what has to happen before the rollout goes on."""
    if rollout.phase is Phase.PREFLIGHT:
        return f"Hosts fetch and verify version {rollout.challenger} before it is compared."
    if rollout.phase is Phase.ABORTING:
        return rollout.why
    if rollout.phase is Phase.PROMOTING:
        return "The new champion is being written to the registry."
    if rollout.is_after_promotion:
        return f"The watch ends {duration(rollout.plan.watch_seconds)} after the promotion if no test fails."
    stage = f"{stage_name(rollout)[0].upper()}{stage_name(rollout)[1:]}"
    tests = [test for test in shown_tests(rollout) if test.kind in ("pass", "wait")]
    if not tests:
        return f"{stage} has begun: its tests have not been evaluated yet."
    return f"{stage}: {_evidence(tests, next_weight(rollout))} {_least(rollout)}"


def _evidence(tests: list[ShownTest], weight: str) -> str:
    waiting = [f"{test.name} ({test.verdict})" for test in tests if test.kind == "wait"]
    if not waiting:
        return f"all required tests pass for {weight} of the requests."
    more = f" and {len(waiting) - MAX_NAMED} more" if len(waiting) > MAX_NAMED else ""
    passed = f"{len(tests) - len(waiting)} of {len(tests)} required tests pass for {weight} of the requests"
    return f"{passed}; not yet: {', '.join(waiting[:MAX_NAMED])}{more}."


def _least(rollout: Rollout) -> str:
    seconds = duration(rollout.plan.least_seconds(rollout.stage))
    return f"A stage takes at least {seconds} and {rollout.plan.min_answers:,} requests."
