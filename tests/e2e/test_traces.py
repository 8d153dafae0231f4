"""Spans of the running program under OpenTelemetry's own command."""

import sys
from pathlib import Path

import pytest

from tests.entrypoints.serving.program import log_lines, wait_until
from tests.otlp_collector import listening

pytestmark = pytest.mark.e2e

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
INSTRUMENT = str(Path(sys.executable).with_name("opentelemetry-instrument"))


def predictions(collector):
    """Return process, name, trace and parent of each span of a prediction."""
    return [
        (
            next(fact.value.string_value for fact in sent.resource.attributes if fact.key == "service.instance.id"),
            span.name,
            span.trace_id.hex(),
            span.parent_span_id.hex(),
        )
        for sent in list(collector.received)
        for scope in sent.scope_spans
        for span in scope.spans
        if span.name.startswith("POST")
    ]


def test_requests_to_all_workers_are_spans_of_the_clients_trace(ready):
    with listening() as collector:
        program = ready(
            under=(INSTRUMENT, "--metrics_exporter", "none", "--logs_exporter", "none"),
            environment={
                "OTEL_EXPORTER_OTLP_ENDPOINT": collector.uri,
                "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
                # The default of five seconds would be waited for.
                "OTEL_BSP_SCHEDULE_DELAY": "50",
            },
        )

        # Each on a connection of its own, so that both workers are reached.
        for _ in range(30):
            assert program.ask("POST", "/stream", {"X": 0.2}, traceparent=f"00-{TRACE}-{PARENT}-01")[0] == 200
        wait_until(lambda: len(predictions(collector)) == 30)

        processes, names, traces, parents = (set(column) for column in zip(*predictions(collector), strict=True))
        assert len(processes) == 2
        assert (names, traces, parents) == ({"POST /stream"}, {TRACE}, {PARENT})
        assert {line["event"] for line in log_lines(program.err)} == {"serving", "request"}
