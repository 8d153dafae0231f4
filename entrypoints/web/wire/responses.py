"""JSON responses."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import orjson
from flask import Response
from werkzeug.datastructures import Headers

from entrypoints.web.wire.body import JSON_TYPE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class ValidHeaders(Headers):
    """Headers of our own, which Werkzeug need not search for line breaks."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._list = list(headers.items())


class JsonResponse(Response):
    """JSON that goes to the server as it is.

    Werkzeug's own `__call__` and `set_data` prepare for redirects, byte ranges and streams; without them, a small
    request takes a fifth less CPU time.
    """

    def __init__(self, body: bytes, headers: Mapping[str, str]) -> None:
        own = {"Content-Type": JSON_TYPE, "Content-Length": str(len(body))}
        super().__init__(headers=ValidHeaders({**own, **headers}))
        self.response = [body]

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Send status and headers, and return the body."""
        del environ
        start_response(self.status, self.headers.to_wsgi_list())
        return self.response  # type: ignore[return-value]  # set above


def json_response(value: Mapping[str, object], status: int = 200) -> Response:
    """Return a response whose body is `value`."""
    return Response(orjson.dumps(value), status, content_type=JSON_TYPE)
