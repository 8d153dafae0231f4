"""Spans of requests, named and described as OpenTelemetry's conventions for HTTP servers have it."""

from collections.abc import Callable, Iterable

from opentelemetry.context import Context
from opentelemetry.trace import SpanKind, StatusCode, Tracer, TracerProvider, format_trace_id
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from entrypoints.web.access_log import LONGEST_METHOD, LONGEST_PATH
from entrypoints.web.facts import NO_ROUTE, Facts

# The conventions that made these names stable.
SCHEMA = "https://opentelemetry.io/schemas/1.23.0"
METHODS = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"})
OTHER_METHOD = "_OTHER"
FIRST_OF_SERVER_ERRORS = 500
NOWHERE = Context()
NANOSECONDS = 1e9


class Spans:
    """Makes the span of a request when it has been answered: the books have the time that a request has not.

    Parameters
    ----------
    provider : TracerProvider
        Whose sampler decides, of a trace that a caller has begun by the caller's own decision.
    scheme : str
        By which clients reach this server, `http` or `https`.
    end : callable
        Sends what is left.
    """

    def __init__(self, provider: TracerProvider, scheme: str, end: Callable[[], None]) -> None:
        self._tracer: Tracer = provider.get_tracer("endeavour", schema_url=SCHEMA)
        self._scheme = scheme
        self._callers = TraceContextTextMapPropagator()
        self.end = end

    def make(self, requests: Iterable[Facts]) -> None:
        """Make a span of each request; the trace that one begins is noted in its facts."""
        for facts in requests:
            self._make(facts)

    def _make(self, facts: Facts) -> None:
        status, began = int(facts.status), int(facts.at * NANOSECONDS)
        span = self._tracer.start_span(
            _name(facts), self._caller(facts), SpanKind.SERVER, self._attributes(facts, status), start_time=began
        )
        if not span.is_recording():
            return
        if status >= FIRST_OF_SERVER_ERRORS:
            span.set_status(StatusCode.ERROR)
        facts.trace_id = format_trace_id(span.get_span_context().trace_id)
        span.end(began + int(facts.seconds * NANOSECONDS))

    def _caller(self, facts: Facts) -> Context:
        if not facts.traceparent:
            return NOWHERE
        carried = {"traceparent": facts.traceparent}
        if facts.tracestate:
            carried["tracestate"] = facts.tracestate
        return self._callers.extract(carried, NOWHERE)

    def _attributes(self, facts: Facts, status: int) -> dict[str, str | int]:
        known: dict[str, str | int | None] = {
            "http.request.method": facts.method if facts.method in METHODS else OTHER_METHOD,
            "http.request.method_original": None if facts.method in METHODS else facts.method[:LONGEST_METHOD],
            "http.route": None if facts.route == NO_ROUTE else facts.route,
            "http.response.status_code": status,
            "error.type": facts.status if status >= FIRST_OF_SERVER_ERRORS else None,
            "url.scheme": self._scheme,
            "url.path": facts.path[:LONGEST_PATH],
            "endeavour.request_id": facts.request_id,
            "endeavour.key_id": facts.key,
            "endeavour.code": facts.code,
            "endeavour.rows": facts.rows,
        }
        if facts.snapshot:
            known["endeavour.model.version"] = facts.snapshot.version.name
            known["endeavour.model.source"] = str(facts.snapshot.source)
        return {name: value for name, value in known.items() if value is not None}


def _name(facts: Facts) -> str:
    method = facts.method if facts.method in METHODS else "HTTP"
    return method if facts.route == NO_ROUTE else f"{method} {facts.route}"
