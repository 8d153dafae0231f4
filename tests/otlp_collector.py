"""A collector of OpenTelemetry: an HTTP server that reads what is exported to it, and keeps it."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

PATH = "/v1/traces"


@dataclass(frozen=True)
class Received:
    """A span as it arrived, with what it has in common with others of its process."""

    span: Span
    attributes: dict[str, Any]
    resource: dict[str, Any]
    schema: str

    @property
    def trace_id(self) -> str:
        return self.span.trace_id.hex()

    @property
    def request_id(self) -> str:
        return str(self.attributes["endeavour.request_id"])


class Handler(BaseHTTPRequestHandler):
    """Keeps what one request has in it."""

    protocol_version = "HTTP/1.1"
    collector: "OtlpCollector"

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        # A client that takes this for a proxy says the whole address.
        assert self.path.endswith(PATH)
        assert self.headers["Content-Type"] == "application/x-protobuf"
        self.collector.headers.append({name.lower(): text for name, text in self.headers.items()})
        self.collector.spans += received(ExportTraceServiceRequest.FromString(body))
        answer = ExportTraceServiceResponse().SerializeToString()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


class OtlpCollector:
    """Listens on a port of its own and remembers every span, and the headers of every request."""

    def __init__(self) -> None:
        self.spans: list[Received] = []
        self.headers: list[dict[str, str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"collector": self}))
        self._server.daemon_threads = True
        self.uri = f"http://127.0.0.1:{self._server.server_port}"

    @classmethod
    @contextmanager
    def listening(cls) -> Iterator[Self]:
        """Listen while inside."""
        collector = cls()
        thread = threading.Thread(target=collector._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield collector
        finally:
            collector._server.shutdown()
            collector._server.server_close()
            thread.join()

    def by_request(self) -> dict[str, Received]:
        """Return the span of each request, by the request's id."""
        found = {received.request_id: received for received in self.spans}
        assert len(found) == len(self.spans), "a request has two spans"
        return found


def received(request: ExportTraceServiceRequest) -> list[Received]:
    return [
        Received(span, facts(span.attributes), facts(of_process.resource.attributes), of_library.schema_url)
        for of_process in request.resource_spans
        for of_library in of_process.scope_spans
        for span in of_library.spans
    ]


def facts(attributes: "Iterator[KeyValue]") -> dict[str, Any]:
    """Return the attributes by name, with their values as Python has them."""
    return {one.key: getattr(one.value, str(one.value.WhichOneof("value"))) for one in attributes}
