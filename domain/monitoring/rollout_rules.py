"""Rules of the condition that are about a rollout."""

from domain.delivery.awaited import awaited
from domain.delivery.rollout import Phase, Rollout
from domain.delivery.routing import BUCKETS
from domain.monitoring.condition import Condition, Kind, Rule
from domain.monitoring.facts import Facts
from domain.monitoring.wording import percent, seconds_text

# After the start of the server or of a rollout, before the controller counts as silent.
GRACE_SECONDS = 60.0
STATUS = "`endeavour rollout status` has the tests."


def _rollout(facts: Facts) -> Rollout | None:
    return facts.models.exposure.rollout if facts.models and facts.models.exposure else None


def held(facts: Facts) -> Condition | None:
    """Return that an operator should look if the rollout does not go on."""
    rollout = _rollout(facts)
    if rollout is None or not rollout.held:
        return None
    weight = percent(rollout.weight / BUCKETS)
    return Condition(
        Kind.LOOK,
        f"The rollout of version {rollout.challenger} is held at {weight} of the requests.",
        rollout.held,
        f"{STATUS} Resume, abort or promote it.",
        rollout.held_at,
    )


def controller_silent(facts: Facts) -> Condition | None:
    """Return that an operator should look if the controller of the rollout is not seen to work."""
    rollout = _rollout(facts)
    if rollout is None or not facts.silent_seconds:
        return None
    followed = min(facts.running_seconds, (facts.at - rollout.started_at).total_seconds())
    if followed < GRACE_SECONDS:
        return None
    silent = min(facts.silent_seconds, followed)
    return Condition(
        Kind.LOOK,
        f"The controller of the rollout has been silent for {seconds_text(silent)}.",
        f"Version {rollout.version_with_state} answers all requests meanwhile.",
        "Start `endeavour rollout run` again: the rollout goes on where it was.",
    )


def under_way(facts: Facts) -> Condition | None:
    """Return that the server is busy while a rollout runs by itself."""
    rollout = _rollout(facts)
    if rollout is None:
        return None
    return Condition(
        Kind.BUSY,
        f"Healthy. Version {facts.version} serves, {_doing(rollout)}.",
        awaited(rollout),
        f"Nothing needs you. {STATUS}",
        rollout.entered_at,
    )


def _doing(rollout: Rollout) -> str:
    if rollout.phase is Phase.CANARY:
        return f"and version {rollout.challenger} answers {percent(rollout.weight / BUCKETS)} of the requests"
    return {
        Phase.PREFLIGHT: f"and hosts fetch version {rollout.challenger}",
        Phase.SHADOW: f"and version {rollout.challenger} is compared with it on each request",
        Phase.PROMOTING: f"and version {rollout.challenger} is being promoted",
        Phase.WATCH: f"and is watched beside version {rollout.champion} after its promotion",
    }.get(rollout.phase, f"and the rollout of version {rollout.challenger} is being aborted")


CONTROLLER_RULES = (Rule(held, ("RolloutHeld",)), Rule(controller_silent, ("RolloutControllerSilent",)))
