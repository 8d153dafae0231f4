"""Console routes: a route for each page and each asset.

All links are relative, so that they hold below the path at which a proxy serves the console.
"""

from collections.abc import Sequence

from flask import Blueprint, Response, request

from entrypoints.web.console.access import ConsoleAccess
from entrypoints.web.console.assets import TYPES, asset
from entrypoints.web.console.missing import handle_missing_versions
from entrypoints.web.console.page import Page
from entrypoints.web.console.renderer import PageRenderer
from entrypoints.web.console.sign_in import refusal
from entrypoints.web.static import CONSOLE


def console_routes(pages: Sequence[Page], render: PageRenderer, access: ConsoleAccess) -> Blueprint:
    """Return the routes of the pages, for those who may see them, and of their files."""
    routes = Blueprint("console", __name__)

    # Werkzeug's own redirect to the address with a slash would name the host, which this application does not look at.
    @routes.get("/console")
    def without_slash() -> Response:
        return Response(status=303, headers={"Location": CONSOLE})

    def show(page: Page) -> Response:
        return refusal(access, page.path) or render(page, lambda: page.view(request.args))

    handle_missing_versions(routes, render)
    for page in pages:
        routes.add_url_rule(f"/console/{page.path}", page.label, lambda page=page: show(page), methods=["GET"])
    for name in TYPES:
        routes.add_url_rule(f"/console/{name}", name.replace(".", "_"), lambda name=name: asset(name), methods=["GET"])
    return routes
