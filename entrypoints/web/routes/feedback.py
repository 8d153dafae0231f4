"""Feedback route: POST /feedback takes the labels of predictions."""

from flask import Blueprint, Response, request

from application.serving.count_labels import CountLabels
from domain.delivery.errors import InvalidFeedbackToken
from domain.delivery.labels import LabelOutcome
from entrypoints.observability.request_context import context_of
from entrypoints.web.wire.json_body import read_json_body
from entrypoints.web.wire.labels import MAX_LABELS, prefix, read_labels
from entrypoints.web.wire.problems import ErrorLocation, problem_from_domain_error
from entrypoints.web.wire.request_limits import RequestLimits
from entrypoints.web.wire.responses import json_response


def feedback_route(count_labels: CountLabels, limits: RequestLimits) -> Blueprint:
    """Return the route that counts up to `MAX_LABELS` labels, all of them or none."""
    routes, of_labels = Blueprint("feedback", __name__), limits._replace(rows=MAX_LABELS)

    @routes.post("/feedback")
    def feedback() -> Response:
        environ = request.environ
        value = read_json_body(environ, of_labels)
        try:
            counts = count_labels(read_labels(value))
        except InvalidFeedbackToken as error:
            place = f"{prefix(error.item, is_list=isinstance(value, list))}token"
            raise problem_from_domain_error(error, [ErrorLocation(place, str(error))]) from error
        context_of(environ).label_counts = counts
        return json_response({outcome.value: counts.outcomes[outcome] for outcome in LabelOutcome}, 202)

    return routes
