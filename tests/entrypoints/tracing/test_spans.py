import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from entrypoints.tracing.spans import Spans
from entrypoints.web.facts import Facts

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture
def span_of():
    """A function that makes the span of a request and returns it."""
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    spans = Spans(provider, "https", provider.shutdown)

    def make(facts):
        exporter.clear()
        spans.make([facts])
        (span,) = exporter.get_finished_spans()
        return span

    return make


def answered(status, code=None, route="/stream"):
    facts = Facts("id", "POST", route, at=1.5)
    facts.route, facts.status, facts.code, facts.seconds = route, status, code, 0.25
    return facts


@pytest.mark.parametrize(("status", "code"), [("500", "internal_error"), ("503", "overloaded")])
def test_failure_of_the_server_is_an_error(span_of, status, code):
    span = span_of(answered(status, code))

    assert span.status.status_code is StatusCode.ERROR
    assert (span.attributes["error.type"], span.attributes["endeavour.code"]) == (status, code)


@pytest.mark.parametrize("status", ["200", "404", "429"])
def test_refusal_is_none(span_of, status):
    span = span_of(answered(status))

    assert span.status.status_code is StatusCode.UNSET
    assert "error.type" not in span.attributes


def test_times_are_those_of_the_request(span_of):
    span = span_of(answered("200"))

    assert (span.start_time, span.end_time) == (1_500_000_000, 1_750_000_000)


def test_scheme_is_that_of_the_server(span_of):
    assert span_of(answered("200")).attributes["url.scheme"] == "https"


@pytest.mark.parametrize("tracestate", [None, "", "a=1", "no member", "a=1," * 400])
def test_what_vendors_say_of_a_trace_does_not_decide_whose_child_a_span_is(span_of, tracestate):
    facts = answered("200")
    facts.traceparent, facts.tracestate = f"00-{TRACE}-{PARENT}-01", tracestate

    span = span_of(facts)

    assert f"{span.context.trace_id:032x}" == TRACE
    assert f"{span.parent.span_id:016x}" == PARENT
