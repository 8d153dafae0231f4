"""The Flask application."""

import logging
import sys

from flask import Flask, Request, request
from werkzeug.routing import MapAdapter

from entrypoints.container import Container
from entrypoints.observability.request_context import context_of
from entrypoints.web.middleware.allowed_hosts import reject_unknown_hosts
from entrypoints.web.middleware.authentication import ask_for_keys
from entrypoints.web.middleware.concurrency_limit import MAX_CONCURRENT_REQUESTS, ConcurrencyLimiter
from entrypoints.web.middleware.rate_limit import limit_rates
from entrypoints.web.middleware.request_context import with_request_context
from entrypoints.web.middleware.security_headers import with_security_headers
from entrypoints.web.protocols.mlflow_scoring.routes import scoring
from entrypoints.web.protocols.open_inference.infer import inference
from entrypoints.web.protocols.open_inference.model_endpoint import ServedModelEndpoint
from entrypoints.web.protocols.open_inference.status import open_inference_status
from entrypoints.web.routes import documentation, metrics
from entrypoints.web.routes import health as status
from entrypoints.web.routes.predictions import batch, stream
from entrypoints.web.wire.json_body import MAX_ROWS, Limits
from entrypoints.web.wire.problems import answer_problems

log = logging.getLogger(__name__)


class Application(Flask):
    """Flask that finds routes by path and method alone, and logs an unexpected exception with the request's id."""

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Return what finds the route, without the header Host and the scheme: no address is made of either."""
        if request is None:
            return None
        # Werkzeug takes //stream for /stream, which a proxy with rules about paths may not.
        twice = request.environ["PATH_INFO"].startswith("//")
        path = "/." if twice else request.path  # nothing is served there
        return MapAdapter(self.url_map, "", "/", "", "http", path, request.method)

    def log_exception(self, exc_info: object) -> None:
        """Log the exception that is being handled."""
        del exc_info
        log.error(
            "request_failed", exc_info=sys.exc_info(), extra={"request_id": context_of(request.environ).request_id}
        )


def create_app(container: Container) -> Flask:
    """Return an application that answers with the objects of `container`.

    It starts no thread and loads no model: the caller refreshes the live model first.
    """
    app = Application(__name__, static_folder=None)
    # OPTIONS and //stream are answered 405 and 404 like everything that is not served, not 200 and a redirect.
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False
    answer_problems(app)
    if names := container.host_names():
        reject_unknown_hosts(app, container.active_keys(), names)
    ask_for_keys(app, container.active_keys())
    if rates := container.rate_limit():
        limit_rates(app, rates, container.client_addresses())
    settings, live, predict = container.settings(), container.current_model(), container.predict()
    limits, served = Limits(settings.max_body_bytes, MAX_ROWS), ServedModelEndpoint(live, settings.model_name)
    for routes in (
        stream(predict, limits),
        batch(predict, limits),
        status.routes(live, container.synced_champion(), container.redaction()),
        metrics.routes(container.metrics(), container.request_recorder()),
        scoring(predict, live, limits),
        open_inference_status(served),
        inference(served, predict, limits),
        documentation.routes(live, container.active_keys(), limits, settings.model_name),
    ):
        app.register_blueprint(routes)
    limited = ConcurrencyLimiter(app.wsgi_app, MAX_CONCURRENT_REQUESTS)
    wrapped = with_security_headers(with_request_context(limited, container.request_recorder()))
    app.wsgi_app = wrapped  # type: ignore[method-assign, assignment]  # Flask documents this very assignment
    return app
