"""Composition of the web application: routes, checks before them and middleware around them."""

from flask import Flask

from entrypoints.web.application import Application
from entrypoints.web.console.blueprints import console_blueprints
from entrypoints.web.dependencies import WebDependencies
from entrypoints.web.middleware.allowed_hosts import reject_unknown_hosts
from entrypoints.web.middleware.authentication import require_keys
from entrypoints.web.middleware.concurrency_limit import ConcurrencyLimiter
from entrypoints.web.middleware.rate_limit import limit_rate
from entrypoints.web.middleware.request_context import with_request_context
from entrypoints.web.middleware.security_headers import with_security_headers
from entrypoints.web.protocols.mlflow_scoring.error_format import MLFLOW_ERRORS
from entrypoints.web.protocols.mlflow_scoring.routes import SCORING_PATHS, scoring_routes
from entrypoints.web.protocols.open_inference.infer import infer_routes
from entrypoints.web.protocols.open_inference.model_endpoint import (
    OPEN_INFERENCE_ERRORS,
    URL_PREFIX,
    ServedModelEndpoint,
)
from entrypoints.web.protocols.open_inference.status import status_routes
from entrypoints.web.routes.documentation import documentation_routes
from entrypoints.web.routes.effects import effects_route
from entrypoints.web.routes.feedback import feedback_route
from entrypoints.web.routes.health import health_routes
from entrypoints.web.routes.metrics import metrics_routes
from entrypoints.web.routes.monitoring import monitoring_routes
from entrypoints.web.routes.orders import order_routes
from entrypoints.web.routes.predictions import batch_route, explain_route, stream_route
from entrypoints.web.routes.rollout import rollout_routes
from entrypoints.web.wire.problem_responses import answer_problems

# By URL prefix; RFC 9457 elsewhere.
ERROR_FORMATS = {URL_PREFIX: OPEN_INFERENCE_ERRORS, **dict.fromkeys(SCORING_PATHS, MLFLOW_ERRORS)}


def create_app(web: WebDependencies) -> Flask:
    """Return an application made of the objects of `web`.

    It starts no thread and loads no model: the caller refreshes the current model first.
    """
    app = Application(__name__, static_folder=None)
    # OPTIONS and //stream are answered 405 and 404 like every unknown route, not 200 and a redirect.
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False
    answer_problems(app, ERROR_FORMATS)
    if web.host_names:
        reject_unknown_hosts(app, web.active_keys, web.host_names)
    require_keys(app, web.active_keys)
    if web.rate_limit:
        limit_rate(app, web.rate_limit, web.client_addresses)
    endpoint = ServedModelEndpoint(web.current_model, web.model_name)
    for routes in (
        stream_route(web.predict, web.issue_feedback_token, web.limits),
        batch_route(web.predict, web.limits),
        explain_route(web.predict, web.limits),
        effects_route(web.describe_model),
        feedback_route(web.count_labels, web.limits),
        health_routes(web.current_model, web.synced_champion),
        monitoring_routes(web.report_status, web.show_figures, web.report_drift, web.list_versions, web.list_changes),
        rollout_routes(web.current_model, web.give_order, web.active_keys, web.limits),
        order_routes(web.give_order, web.active_keys, web.limits),
        metrics_routes(web.metrics, web.request_recorder),
        scoring_routes(web.predict, web.current_model, web.limits),
        status_routes(endpoint),
        infer_routes(endpoint, web.predict, web.limits),
        documentation_routes(web.current_model, web.active_keys, web.limits, web.model_name),
        *console_blueprints(web),
    ):
        app.register_blueprint(routes)
    limited = ConcurrencyLimiter(app.wsgi_app, web.max_concurrent_requests)
    wrapped = with_security_headers(with_request_context(limited, web.request_recorder))
    app.wsgi_app = wrapped  # type: ignore[method-assign, assignment]  # Flask documents this very assignment
    return app
