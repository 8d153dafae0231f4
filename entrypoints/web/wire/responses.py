"""JSON responses."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import orjson
from flask import Response

from entrypoints.web.wire.body import JSON_TYPE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class JsonResponse:
    """JSON of a request that succeeds, as a WSGI application: a response of Werkzeug takes five times as long."""

    def __init__(self, body: bytes, headers: Mapping[str, str]) -> None:
        self._body = body
        self._headers = [("Content-Type", JSON_TYPE), ("Content-Length", str(len(body))), *headers.items()]

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        """Send status and headers, and return the body."""
        del environ
        start_response("200 OK", self._headers)
        return [self._body]


def json_response(value: Mapping[str, object], status: int = 200) -> Response:
    """Return a response whose body is `value`."""
    return Response(orjson.dumps(value), status, content_type=JSON_TYPE)
