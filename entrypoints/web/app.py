"""The Flask application."""

import logging
import sys

from flask import Flask, request

from entrypoints.container import Container
from entrypoints.web import metrics, status
from entrypoints.web.accounting import Accounted, facts_of
from entrypoints.web.admission import Admission
from entrypoints.web.limits import Limits
from entrypoints.web.predictions import batch, stream
from entrypoints.web.problems import answer_problems
from entrypoints.web.rate_limiting import limit_rates

log = logging.getLogger(__name__)


class Application(Flask):
    """Flask that logs an unexpected exception with the id of the request it ended."""

    def log_exception(self, exc_info: object) -> None:
        """Log the exception that is being handled."""
        del exc_info
        log.error("request_failed", exc_info=sys.exc_info(), extra={"request_id": facts_of(request.environ).request_id})


def create_app(container: Container) -> Flask:
    """Return an application that answers with the objects of `container`.

    It starts no thread and loads no model: whoever calls this refreshes the live model first.
    """
    app = Application(__name__, static_folder=None)
    # OPTIONS and //stream are answered 405 and 404 like everything that is not served, not 200 and a redirect.
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False
    answer_problems(app)
    if rates := container.rate_limit():
        limit_rates(app, rates, container.clients())
    settings = container.settings()
    limits = Limits(settings.max_body, settings.max_rows, settings.max_body_seconds)
    app.register_blueprint(stream(container.predict, limits))
    app.register_blueprint(batch(container.predict, limits))
    app.register_blueprint(status.routes(container.live))
    app.register_blueprint(metrics.routes(container.ledger(), container.books()))
    app.wsgi_app = Accounted(Admission(app.wsgi_app, settings.max_at_once), container.books())  # type: ignore[method-assign]  # Flask documents this very assignment
    return app
