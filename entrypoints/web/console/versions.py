"""Versions page: what the store has, who changed the champion and why, and promotions and rollbacks by hand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from application.monitoring.list_versions import VersionPage
from application.rollout.tick import MAX_SECONDS
from application.serving.describe_model import DescribeModel
from application.serving.give_order import GiveOrder
from domain.delivery.errors import NoModelLoaded
from domain.delivery.order import OrderAction
from domain.delivery.order_options import seen_now
from domain.delivery.rollout_transitions import duration
from domain.delivery.served_model import ServedModels
from domain.errors import StoreUnavailable
from domain.model.errors import ModelNotFound, VersionNotAtHand
from domain.monitoring.catalog import ListedVersion
from domain.monitoring.change import Change, What
from entrypoints.web.console.model_facts import difference_lines
from entrypoints.web.console.order_form import OrderForm, Sheet, order_form
from entrypoints.web.console.page import Page, Query

OF_CHAMPIONS = (What.PROMOTE, What.ROLLBACK, What.PROMOTED, What.ABORTED, What.SUPERSEDED, What.REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionsView:
    """View of the page.

    Parameters
    ----------
    title : str
    problem : str
        Why the store cannot be read; empty if it can.
    page : VersionPage
    changes : tuple of Change
        Of the champion, newest first.
    form : OrderForm or None
        None without a model.
    in_rollout : bool
        Whether a rollout is under way, which forbids orders about the champion.
    """

    title: str
    problem: str = ""
    page: VersionPage
    changes: tuple[Change, ...] = ()
    form: OrderForm | None = None
    in_rollout: bool = False


def versions_page(
    list_versions: Callable[[str], VersionPage],
    list_changes: Callable[[], tuple[Change, ...]],
    give_order: GiveOrder,
    describe: DescribeModel,
) -> Page:
    """Return the page."""

    def view(query: Query) -> VersionsView:
        try:
            page, problem = _page(query.get("before", ""), list_versions), ""
        except StoreUnavailable as error:
            page, problem = VersionPage(), str(error)
        changes = tuple(change for change in list_changes() if change.what in OF_CHAMPIONS)
        try:
            models = give_order.current_model.models
        except NoModelLoaded:
            return VersionsView(title="Versions", problem=problem, page=page, changes=changes)
        return VersionsView(
            title=f"Version {models.champion.version.name} in production",
            problem=problem,
            page=page,
            changes=changes,
            form=_form(query, page, models, give_order, describe),
            in_rollout=models.exposure is not None,
        )

    return Page("versions", "Versions", "versions.html", view, json="../versions", every=10)


def _page(before: str, list_versions: Callable[[str], VersionPage]) -> VersionPage:
    """Return the page after a version; the first page if that is no longer listed."""
    try:
        return list_versions(before)
    except ModelNotFound:
        return list_versions("")


def _form(
    query: Query, page: VersionPage, models: ServedModels, give_order: GiveOrder, describe: DescribeModel
) -> OrderForm:
    actions = [OrderAction.PROMOTE, OrderAction.ROLLBACK] if page.previous else [OrderAction.PROMOTE]
    return order_form(
        "versions",
        query,
        give_order,
        seen=seen_now(models),
        actions=() if models.exposure else tuple(actions),
        sheet=_sheet(query, page, models, describe),
    )


def _sheet(query: Query, page: VersionPage, models: ServedModels, describe: DescribeModel) -> Sheet | None:
    """Return the sheet that the address of the page asks for, if it names a listed version."""
    champion, name = models.champion.version.name, query.get("version", "")
    if query.get("act") == OrderAction.ROLLBACK:
        name = page.previous
    listed = next((version for version in page.versions if version.name == name), None)
    if name == page.previous and query.get("act") == OrderAction.ROLLBACK:
        return Sheet(
            OrderAction.ROLLBACK,
            f"Roll back to version {name}?",
            f"Roll back to version {name}",
            f"Keep version {champion}",
            tuple(_of_rollback(name, champion, describe)),
            name,
        )
    if query.get("act") != OrderAction.PROMOTE or listed is None or name == champion:
        return None
    return Sheet(
        OrderAction.PROMOTE,
        f"Promote version {name} without a rollout?",
        f"Promote version {name}",
        f"Keep version {champion}",
        tuple(_of_promotion(listed, models, describe)),
        name,
        needs_reason=True,
    )


def _of_rollback(name: str, champion: str, describe: DescribeModel) -> Iterator[str]:
    yield f"Version {name} answers every request again, with the features that it takes."
    yield from _compared(name, describe, "A rollback needs no comparison.", "Clients have to send them from then on.")
    yield f"Version {champion} stays in the registry, and may be promoted again."
    yield _pace()


def _of_promotion(listed: ListedVersion, models: ServedModels, describe: DescribeModel) -> Iterator[str]:
    champion = models.champion.version
    yield f"Version {listed.name} answers every request; version {champion.name} stays ready for a rollback."
    yield (
        "No evidence of requests stands behind it: "
        f"`endeavour rollout start {listed.name}` tries it on a rising share of them first."
    )
    if "r2" in listed.scores:
        yield (
            f"Its R² on held-out rows is {listed.scores['r2']:.4f}, and that of version {champion.name} is "
            f"{champion.lineage.scores.r2:.4f}, each on its own rows."
        )
    if listed.rejected:
        yield f"A rollout of it was aborted: {listed.rejected}"
    if listed.problem:
        yield f"It cannot be used, so that the order will be refused: {listed.problem}"
    else:
        allowed = f"`endeavour promote {listed.name} --allow-feature-change` promotes it once clients send them."
        yield from _compared(
            listed.name,
            describe,
            f"`endeavour rollout start {listed.name}` shows them, and the order is refused if the features are others.",
            f"The order will be refused: {allowed}",
        )
    yield _pace()


def _compared(name: str, describe: DescribeModel, elsewhere: str, of_features: str) -> Iterator[str]:
    """Yield how a version differs from the champion.

    `elsewhere` is the sentence for a version that is not at hand, and `of_features` that for other features.
    """
    try:
        described = describe(name)
    except VersionNotAtHand as error:
        yield f"Its features and predictions are not compared here, because {error.why}. {elsewhere}"
        return
    if described.feature_change:
        yield f"It takes other features ({described.feature_change}). {of_features}"
        return
    yield from (f"{line[:1].upper()}{line[1:]}." for line in difference_lines(described))


def _pace() -> str:
    return (
        f"`endeavour rollout run` carries it out within {duration(MAX_SECONDS)}, and each host follows with its next "
        "look at the registry; if no controller runs, the order expires after 5 minutes."
    )
