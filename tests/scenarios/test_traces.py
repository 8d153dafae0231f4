"""Spans of the running program under OpenTelemetry's own command."""

import gzip
import sys
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support.mlflow.servers import answering
from tests.support.program import log_lines, wait_until

pytestmark = pytest.mark.e2e

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
INSTRUMENT = str(Path(sys.executable).with_name("opentelemetry-instrument"))


def spans_of(handler):
    """Return process, name, trace and parent of each span of a prediction in one export."""
    body = gzip.decompress(handler.body) if handler.headers.get("Content-Encoding") == "gzip" else handler.body
    for sent in ExportTraceServiceRequest.FromString(body).resource_spans:
        (process,) = (one.value.string_value for one in sent.resource.attributes if one.key == "service.instance.id")
        for span in (span for scope in sent.scope_spans for span in scope.spans if span.name.startswith("POST")):
            yield process, span.name, span.trace_id.hex(), span.parent_span_id.hex()


@pytest.fixture
def collector():
    """A server of OpenTelemetry's protocol: its address, and the spans that it receives."""
    spans = []

    def collect(handler):
        spans.extend(spans_of(handler))
        handler.reply(200, b"")

    with answering(collect) as uri:
        yield uri, spans


def test_requests_to_all_workers_are_spans_of_the_clients_trace(ready, collector):
    uri, spans = collector
    program = ready(
        under=(INSTRUMENT, "--metrics_exporter", "none", "--logs_exporter", "none"),
        environment={
            "OTEL_EXPORTER_OTLP_ENDPOINT": uri,
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            # The default of five seconds would be waited for.
            "OTEL_BSP_SCHEDULE_DELAY": "50",
        },
    )

    # Each on a connection of its own, so that both workers are reached.
    for _ in range(30):
        assert program.ask("POST", "/stream", {"X": 0.2}, traceparent=f"00-{TRACE}-{PARENT}-01")[0] == 200
    wait_until(lambda: len(spans) == 30)

    processes, names, traces, parents = (set(column) for column in zip(*spans, strict=True))
    assert len(processes) == 2
    assert (names, traces, parents) == ({"POST /stream"}, {TRACE}, {PARENT})
    wait_until(lambda: {line["event"] for line in log_lines(program.err)} == {"server_starting", "serving", "request"})
