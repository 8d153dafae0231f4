"""Rules of the condition that are about the registry and the copy of the champion."""

from datetime import timedelta

from domain.delivery.served_model import ModelOrigin
from domain.delivery.sync_report import RegistryState, RegistryStatus
from domain.monitoring.condition import Condition, Kind, Rule
from domain.monitoring.facts import Facts
from domain.monitoring.wording import seconds_text

MAX_SILENT_SECONDS = 300.0
# A host starts from its copy, until the registry has answered.
MAX_START_SECONDS = 120.0
ORIGINS = {
    ModelOrigin.CACHE: "the copy on its disk",
    ModelOrigin.BUNDLED: "the model that is bundled with the program and was trained on the diabetes data",
}


def awaiting_approval(facts: Facts) -> Condition | None:
    """Return that an operator should look if the new champion has other features."""
    registry = facts.registry
    if registry is None or registry.state is not RegistryState.AWAITING_APPROVAL:
        return None
    return Condition(
        Kind.LOOK,
        f"Version {facts.version} serves on, because the new champion has other features.",
        registry.reason,
        "Promote it with --allow-feature-change once clients send the new features, or roll back.",
    )


def registry_silent(facts: Facts) -> Condition | None:
    """Return that an operator should look if the registry has not answered for five minutes."""
    registry = facts.registry
    if registry is None:
        return None
    away = facts.running_seconds if registry.seconds is None else registry.seconds
    if away <= MAX_SILENT_SECONDS:
        return None
    return Condition(
        Kind.LOOK,
        f"Version {facts.version} serves, but the registry has been away for {seconds_text(away)}.",
        registry.reason,
        "Look at MLflow and its database. Predictions go on; a promotion would not arrive.",
        facts.at - timedelta(seconds=away),
    )


def registry_unusable(facts: Facts) -> Condition | None:
    """Return that an operator should look if the registry answers with nothing that can be served."""
    registry = facts.registry
    if registry is None or registry.state is not RegistryState.INVALID:
        return None
    return Condition(
        Kind.LOOK,
        f"Version {facts.version} serves, but the answer of the registry cannot be used.",
        registry.reason,
        "`endeavour doctor` on this host names the fault. Predictions go on; a promotion would not arrive.",
    )


def fallback(facts: Facts) -> Condition | None:
    """Return that an operator should look if the model is not the registry's for two minutes."""
    champion = facts.champion
    if champion is None or champion.origin is ModelOrigin.REGISTRY or facts.running_seconds < MAX_START_SECONDS:
        return None
    return Condition(
        Kind.LOOK,
        f"{facts.host} answers from {ORIGINS[champion.origin]}.",
        _fallback_reason(facts.registry),
        "`endeavour doctor` on this host names the fault.",
    )


def _fallback_reason(registry: RegistryStatus | None) -> str:
    if registry is None:
        return "The files of the champion cannot be used."
    return registry.reason or "The registry has not confirmed it lately."


def copy_broken(facts: Facts) -> Condition | None:
    """Return that an operator should look if the copy of the champion cannot be kept."""
    if facts.registry is None or not facts.registry.copy_problem:
        return None
    return Condition(
        Kind.LOOK,
        f"{facts.host} cannot keep a copy of the champion.",
        facts.registry.copy_problem,
        "Free or repair its disk: after a restart without the registry it would serve an old model or none.",
    )


REGISTRY_RULES = (
    Rule(awaiting_approval),
    Rule(registry_silent, ("ModelStale",)),
    Rule(fallback, ("FallbackInUse",)),
    Rule(registry_unusable),
    Rule(copy_broken, ("LocalCopyBroken",)),
)
