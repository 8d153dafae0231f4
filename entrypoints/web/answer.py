"""The answer to a prediction."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import orjson
from flask import Response, request
from werkzeug.datastructures import Headers

from application.predict import Predictions
from entrypoints.web.facts import facts_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

JSON_TYPE = "application/json"


# What `Response.__init__` sets for an answer of 200; doing it again for each takes a tenth of the time of a small one.
OF_200 = {name: value for name, value in vars(Response()).items() if name not in ("headers", "response")}


class Given(Headers):
    """Headers that are taken as they are, once for all of them it has been seen that they are text on one line."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        if not "".join(headers.values()).isprintable():
            raise ValueError("a header is not printable")
        self._list = list(headers.items())


class Answer(Response):
    """JSON that is whole, handed to the server as it is.

    Werkzeug's own way checks for redirects, byte ranges and streams, and wraps the body for the server to iterate
    over: a sixth of the time of a small answer.
    """

    def __init__(self, body: bytes, headers: Mapping[str, str]) -> None:
        self.__dict__.update(OF_200)
        self.headers = Given({**headers, "Content-Type": JSON_TYPE, "Content-Length": str(len(body))})
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
    facts.rows, facts.snapshot = len(predictions.values), snapshot
    headers = {"X-Model-Version": snapshot.version.name, "X-Model-Source": snapshot.source}
    answer = Answer(body, headers)
    if content_type != JSON_TYPE:
        answer.content_type = content_type
    return answer
