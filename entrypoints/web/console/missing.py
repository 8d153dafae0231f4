"""Page of a version that cannot be shown: why, and what to do."""

from dataclasses import dataclass

from flask import Blueprint, Response

from domain.errors import StoreUnavailable
from domain.model.errors import ModelNotFound, VersionNotAtHand
from domain.monitoring.catalog import MAX_VERSIONS
from entrypoints.web.console.page import Page
from entrypoints.web.console.renderer import PageRenderer

BY_COMMAND = "On a host with MLflow, `endeavour rollout start` compares any version before it asks whether to start."


@dataclass(frozen=True, slots=True)
class MissingView:
    """View of the page."""

    sentence: str
    reason: str
    next_step: str
    title: str = "This version cannot be shown"


UNKNOWN = MissingView(
    "No such version is listed.",
    f"The page of the versions lists the newest {MAX_VERSIONS}: choose one of them.",
    BY_COMMAND,
)
PAGE = Page("versions", "Versions", "missing.html", lambda _: UNKNOWN, json="../versions", every=10)


def handle_missing_versions(routes: Blueprint, render: PageRenderer) -> None:
    """Let `routes` answer with the page if a version is not listed or cannot be read, or the list cannot."""

    @routes.errorhandler(ModelNotFound)
    def unknown(_: ModelNotFound) -> Response:
        return render(PAGE, lambda: UNKNOWN, 404)

    @routes.errorhandler(VersionNotAtHand)
    def not_at_hand(error: VersionNotAtHand) -> Response:
        return render(PAGE, lambda: MissingView(f"Version {error.version} is not at hand.", error.why, BY_COMMAND), 409)

    @routes.errorhandler(StoreUnavailable)
    def unlisted(error: StoreUnavailable) -> Response:
        return render(PAGE, lambda: MissingView("The versions cannot be read now.", str(error), BY_COMMAND), 503)
