"""The answer to a prediction."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from flask import Response

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
