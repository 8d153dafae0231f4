"""The answer to a prediction."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import orjson
from flask import Response, request

from application.predict import Predictions
from entrypoints.web.accounting import facts_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

JSON_TYPE = "application/json"


class Answer(Response):
    """JSON that is whole, handed to the server as it is.

    Werkzeug's own way checks for redirects, byte ranges and streams, and wraps the body for the server to iterate
    over: a sixth of the time of a small answer.
    """

    def __init__(self, body: bytes, headers: Mapping[str, str]) -> None:
        super().__init__(headers={**headers, "Content-Length": str(len(body))}, content_type=JSON_TYPE)
        self.response = [body]

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer."""
        del environ
        start_response(self.status, self.headers.to_wsgi_list())
        return self.response  # type: ignore[return-value]  # set above


def predicted(predictions: Predictions, body: Mapping[str, object]) -> Answer:
    """Return the answer with `body`, in which arrays may stand."""
    return carrying(orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY), predictions)


def carrying(body: bytes, predictions: Predictions, content_type: str = JSON_TYPE) -> Answer:
    """Return the answer with `body`, and account for what was predicted with what."""
    snapshot, facts = predictions.snapshot, facts_of(request.environ)
    facts.rows, facts.version = len(predictions.values), snapshot.version.name
    headers = {"X-Model-Version": snapshot.version.name, "X-Model-Source": snapshot.source}
    answer = Answer(body, headers)
    if content_type != JSON_TYPE:
        answer.content_type = content_type
    return answer
