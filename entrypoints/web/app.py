"""The Flask application."""

import logging
import sys

from flask import Flask, Request, request
from werkzeug.routing import MapAdapter

from entrypoints.container import Container
from entrypoints.web import documentation, metrics, status
from entrypoints.web.accounting import accounted
from entrypoints.web.authentication import ask_for_keys
from entrypoints.web.body import MAX_ROWS, Limits
from entrypoints.web.browsers import for_browsers
from entrypoints.web.facts import facts_of
from entrypoints.web.hosts import refuse_other_hosts
from entrypoints.web.mlflow_scoring.routes import scoring
from entrypoints.web.open_inference.infer import inference
from entrypoints.web.open_inference.metadata import Served
from entrypoints.web.open_inference.status import open_inference_status
from entrypoints.web.predictions import batch, stream
from entrypoints.web.problems import answer_problems
from entrypoints.web.rate_limiting import limit_rates
from entrypoints.web.turns import MAX_AT_ONCE, Turns

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
        log.error("request_failed", exc_info=sys.exc_info(), extra={"request_id": facts_of(request.environ).request_id})


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
        refuse_other_hosts(app, container.live_keys(), names)
    ask_for_keys(app, container.live_keys())
    if rates := container.rate_limit():
        limit_rates(app, rates, container.clients())
    settings, live, predict = container.settings(), container.live(), container.predict()
    limits, served = Limits(settings.max_body, MAX_ROWS), Served(live, settings.model_name)
    for routes in (
        stream(predict, limits),
        batch(predict, limits),
        status.routes(live, container.mirrored(), container.redaction()),
        metrics.routes(container.figures(), container.books()),
        scoring(predict, live, limits),
        open_inference_status(served),
        inference(served, predict, limits),
        documentation.routes(live, container.live_keys(), limits, settings.model_name),
    ):
        app.register_blueprint(routes)
    app.wsgi_app = for_browsers(accounted(Turns(app.wsgi_app, MAX_AT_ONCE), container.books()))  # type: ignore[method-assign, assignment]  # Flask documents this very assignment
    return app
