"""The Flask application: finds the route of a request, runs the checks before it, and calls its view."""

import logging
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, Request, Response, request
from flask.globals import _cv_request
from flask.typing import ResponseReturnValue

from entrypoints.observability.request_context import context_of
from entrypoints.web.route_map import RouteAdapter, RouteMap

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)


class Application(Flask):
    """Flask without sessions, signals and the context of an application, none of which a route here uses.

    They take a third of the CPU time of a small request. Each view returns a WSGI application, such as a `Response`.
    Once a function that only Flask itself calls is registered, every request passes through all of Flask.
    """

    url_map: RouteMap
    url_map_class = RouteMap

    def create_url_adapter(self, request: Request | None) -> RouteAdapter | None:
        """Return the adapter that finds the route of `request` by its path and method alone."""
        if request is None:
            return None
        # Werkzeug takes //stream for /stream, which a proxy with rules about paths may not.
        has_two_slashes = request.environ["PATH_INFO"].startswith("//")
        path = "/." if has_two_slashes else request.path  # no route has this path
        return RouteAdapter(self.url_map, path, request.method)

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request, and call the functions at its end, of which OpenTelemetry registers one."""
        if self._needs_all_of_flask():
            return super().wsgi_app(environ, start_response)
        context, raised = self.request_context(environ), None
        token = _cv_request.set(context)
        try:
            try:
                context.match_request()
                response = self._dispatched(context.request)
            except Exception as error:
                raised, response = error, self.handle_exception(error)
            return response(environ, start_response)
        finally:
            for at_end in self.teardown_request_funcs.get(None, ()):
                at_end(raised)
            _cv_request.reset(token)
            # Without this cycle, a request is freed at once.
            environ["werkzeug.request"] = None

    def finalize_request(self, rv: ResponseReturnValue, from_error_handler: bool = False) -> Response:
        """Return the response of an error handler."""
        if self._needs_all_of_flask():
            return super().finalize_request(rv, from_error_handler)
        return self.make_response(rv)

    def log_exception(self, exc_info: object) -> None:
        """Log the exception that is being handled."""
        del exc_info
        log.error(
            "request_failed", exc_info=sys.exc_info(), extra={"request_id": context_of(request.environ).request_id}
        )

    def _needs_all_of_flask(self) -> bool:
        """Return whether functions after a request, or functions of single blueprints, are registered."""
        return bool(
            self.after_request_funcs
            or self.url_value_preprocessors
            or self.teardown_appcontext_funcs
            or len(self.before_request_funcs) > 1
            or len(self.teardown_request_funcs) > 1
        )

    def _dispatched(self, request: Request) -> "WSGIApplication":
        """Return the response of the view, or of the handler of what a check or the view has raised."""
        try:
            for check in self.before_request_funcs[None]:
                if (answer := check()) is not None:
                    return self.make_response(answer)  # type: ignore[arg-type]  # no check here is a coroutine
            if request.routing_exception:
                self.raise_routing_exception(request)
            return self.view_functions[request.endpoint](**request.view_args)  # type: ignore[arg-type, index, return-value]  # a route has both
        except Exception as error:
            return self.finalize_request(self.handle_user_exception(error))
