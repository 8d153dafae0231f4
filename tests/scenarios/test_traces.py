"""Spans of the running program under OpenTelemetry's own command."""

import gzip
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support.program import log_lines, wait_until

pytestmark = pytest.mark.e2e

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
INSTRUMENT = str(Path(sys.executable).with_name("opentelemetry-instrument"))


class Collector(BaseHTTPRequestHandler):
    """Keeps process, name, trace and parent of each span of a prediction in `server.spans`."""

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        for sent in ExportTraceServiceRequest.FromString(body).resource_spans:
            (process,) = (
                one.value.string_value for one in sent.resource.attributes if one.key == "service.instance.id"
            )
            spans = [span for scope in sent.scope_spans for span in scope.spans if span.name.startswith("POST")]
            self.server.spans += [(process, one.name, one.trace_id.hex(), one.parent_span_id.hex()) for one in spans]
        self.send_response(200)
        self.end_headers()


@pytest.fixture
def collector():
    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        server.spans = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_requests_to_all_workers_are_spans_of_the_clients_trace(ready, collector):
    program = ready(
        under=(INSTRUMENT, "--metrics_exporter", "none", "--logs_exporter", "none"),
        environment={
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.server_port}",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            # The default of five seconds would be waited for.
            "OTEL_BSP_SCHEDULE_DELAY": "50",
        },
    )

    # Each on a connection of its own, so that both workers are reached.
    for _ in range(30):
        assert program.ask("POST", "/stream", {"X": 0.2}, traceparent=f"00-{TRACE}-{PARENT}-01")[0] == 200
    wait_until(lambda: len(collector.spans) == 30)

    processes, names, traces, parents = (set(column) for column in zip(*collector.spans, strict=True))
    assert len(processes) == 2
    assert (names, traces, parents) == ({"POST /stream"}, {TRACE}, {PARENT})
    assert {line["event"] for line in log_lines(program.err)} == {"server_starting", "serving", "request"}
