"""Monitoring routes: GET /status, /figures, /drift, /versions and /changes, which the pages of the console show too."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, Response, request

from application.monitoring.list_changes import ListChanges
from application.monitoring.list_versions import ListVersions, VersionPage
from application.monitoring.report_drift import ReportDrift
from application.monitoring.report_status import ReportStatus
from application.monitoring.show_figures import GROUPED, ShowFigures
from domain.errors import BackendUnavailable
from domain.model.errors import ModelNotFound
from domain.monitoring.errors import NoDistributions
from entrypoints.web.routes.monitoring_members import (
    change_members,
    figures_members,
    status_members,
    version_page_members,
)
from entrypoints.web.wire.drift import drift_facts, no_drift_facts
from entrypoints.web.wire.problems import ErrorLocation, ProblemError
from entrypoints.web.wire.responses import json_response

UNAVAILABLE = "this host cannot read its figures or its store now; ask again, and look at its log if that recurs"


def monitoring_routes(
    report_status: ReportStatus,
    show_figures: ShowFigures,
    report_drift: ReportDrift,
    list_versions: ListVersions,
    list_changes: ListChanges,
) -> Blueprint:
    """Return the routes; an answer is of this host, which it names."""
    routes = Blueprint("monitoring", __name__)

    @routes.get("/status")
    def status() -> Response:
        with answered_503():
            return json_response(status_members(report_status()))

    @routes.get("/figures")
    def figures() -> Response:
        with answered_503():
            return json_response(figures_members(show_figures(_minutes())))

    @routes.get("/drift")
    def drift() -> Response:
        with answered_503():
            try:
                return json_response(drift_facts(report_drift()))
            except NoDistributions as error:
                return json_response(no_drift_facts(error.version))

    @routes.get("/versions")
    def versions() -> Response:
        with answered_503():
            return json_response(version_page_members(_page(list_versions)))

    @routes.get("/changes")
    def changes() -> Response:
        return json_response({"changes": list(map(change_members, list_changes()))})

    return routes


def _minutes() -> int:
    text = request.args.get("minutes", "60")
    if text not in map(str, GROUPED):
        allowed = "must be " + " or ".join(map(str, GROUPED))
        raise ProblemError(400, "invalid_parameter", f"minutes {allowed}", [ErrorLocation("minutes", allowed)])
    return int(text)


def _page(list_versions: ListVersions) -> VersionPage:
    try:
        return list_versions(request.args.get("before", ""))
    except ModelNotFound as error:
        allowed = "must be the name of a listed version"
        raise ProblemError(400, "invalid_parameter", f"before {allowed}", [ErrorLocation("before", allowed)]) from error


@contextmanager
def answered_503() -> Iterator[None]:
    """Answer 503 without the text of the error, which may name files."""
    try:
        yield
    except BackendUnavailable as error:
        raise ProblemError(503, "unreadable", UNAVAILABLE) from error
