"""Sheets of the rollout page: what an abort or a promotion would do, computed when the sheet is shown."""

from collections.abc import Iterator

from application.rollout.tick import MAX_SECONDS
from domain.delivery.difference import largest_difference
from domain.delivery.order import OrderAction
from domain.delivery.rollout import Rollout
from domain.delivery.rollout_transitions import duration
from domain.delivery.served_model import ServedModels
from domain.delivery.shown_tests import ShownTest
from entrypoints.web.console.order_form import Sheet


def rollout_sheet(act: str, models: ServedModels, rollout: Rollout, tests: tuple[ShownTest, ...]) -> Sheet | None:
    """Return the sheet that the address of the page asks for."""
    name = rollout.challenger
    if act == OrderAction.ABORT:
        return Sheet(
            OrderAction.ABORT,
            f"Abort the rollout of version {name}?",
            "Abort the rollout",
            "Leave it running",
            tuple(_of_abort(rollout)),
            rollout.champion,
        )
    if act == OrderAction.PROMOTE:
        return Sheet(
            OrderAction.PROMOTE,
            f"Promote version {name} without the rest of the evidence?",
            f"Promote version {name}",
            "Let the evidence decide",
            tuple(_of_promotion(models, rollout, tests)),
            name,
            needs_reason=True,
        )
    return None


def _of_abort(rollout: Rollout) -> Iterator[str]:
    if rollout.is_after_promotion:
        yield f"Version {rollout.champion} is put back into production, and answers every request again."
    else:
        yield f"Version {rollout.champion} answers every request again: at once on this host."
    yield (
        f"The controller follows within {duration(MAX_SECONDS)}, and the other hosts with their next look at the "
        f"registry; without a controller they give version {rollout.challenger} no request after "
        f"{duration(rollout.plan.ttl_seconds)}."
    )
    yield "No request fails by it, and no client has to send anything again."
    yield (
        f"Version {rollout.challenger} is marked as rejected. It stays in the registry, and "
        f"`endeavour rollout start {rollout.challenger} --again` tries it once more."
    )


def _of_promotion(models: ServedModels, rollout: Rollout, tests: tuple[ShownTest, ...]) -> Iterator[str]:
    if rollout.is_after_promotion:
        yield f"The watch ends now, and version {rollout.challenger} stays in production."
    else:
        yield (
            f"Version {rollout.challenger} answers every request, within {duration(MAX_SECONDS)} and the next look of "
            f"each host at the registry. It is watched for {duration(rollout.plan.watch_seconds)} then, and version "
            f"{rollout.champion} returns if a test fails."
        )
        later = [f"{weight:g} %" for weight in rollout.plan.steps[rollout.stage :]]
        if later:
            yield f"Skipped steps: {', '.join(later)}."
    missing = [f"{test.name} ({test.verdict})" for test in tests if test.kind == "wait"]
    if not tests:
        yield "The tests of this stage have not been evaluated yet."
    else:
        yield f"Not shown so far: {'; '.join(missing)}." if missing else "All required tests have passed so far."
    if models.rollout and not rollout.is_after_promotion:
        difference = largest_difference(models.champion.version, models.rollout.challenger.version)
        yield from (f"Difference: {line}." for line in difference.lines()[1:4])
