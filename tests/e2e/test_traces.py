"""Traces of the running program, as a collector gets them, and what it does without one."""

import os
import time
from pathlib import Path

import pytest

from adapters.files.key_store import FileKeyStore
from application.issue_key import IssueKey
from domain.api_key import Role
from entrypoints import build
from tests.entrypoints.serving.program import EITHER_SERVER, Program, answer, ask, log_lines, wait_until
from tests.fault_proxy import FaultProxy, Handler, hang, status
from tests.otlp_collector import OtlpCollector

pytestmark = pytest.mark.e2e
# They share a program, and would each start their own in processes of their own.
one_program = pytest.mark.xdist_group("traces")

ROW = {"X": 0.2}
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED, UNSAMPLED = f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-00"
# Milliseconds between two batches; the library's own five seconds would be waited for in every test.
SOON = {"OTEL_BSP_SCHEDULE_DELAY": "50"}
LOST, FOUND = "collector_lost", "collector_found"


@pytest.fixture(scope="module", params=EITHER_SERVER)
def server(request):
    return request.param


@pytest.fixture
def collector():
    with OtlpCollector.listening() as collector:
        yield collector


@pytest.fixture
def proxy(collector):
    """The collector, behind something that fails when it is told to."""
    with FaultProxy.before(collector.uri) as proxy:
        yield proxy


@pytest.fixture
def traced(ready):
    """A function that starts the program with traces for the collector at an address."""

    def begin(uri, environment=(), **settings):
        return ready(environment={"OTEL_EXPORTER_OTLP_ENDPOINT": uri, **SOON, **dict(environment)}, **settings)

    return begin


class Traced:
    """A program and its collector, for tests that need no more than those."""

    def __init__(self, program, collector):
        self.program, self.collector = program, collector

    def spans(self, *names):
        """Return the spans of these requests, when they are there."""
        wait_until(lambda: self.collector.by_request().keys() >= {*names})
        return [self.collector.by_request()[name] for name in names]

    def lines(self, *names):
        """Return the log lines of these requests, when they are there."""
        wait_until(lambda: requests_logged(self.program).keys() >= {*names})
        return [requests_logged(self.program)[name] for name in names]


@pytest.fixture(scope="module")
def one(server, tmp_path_factory):
    with OtlpCollector.listening() as collector:
        environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.uri, **SOON}
        program = Program(tmp_path_factory.mktemp("traces") / "artifacts", server=server, environment=environment)
        program.wait_until_ready()
        yield Traced(program, collector)
        program.clean_up()


def predict(program, times, **headers):
    """Ask over connections of their own, so that every worker is met, and return the ids of the requests."""
    answers = [program.ask("POST", "/stream", ROW, **headers) for _ in range(times)]
    assert {status for status, _, _ in answers} == {200}
    return [told["x-request-id"] for _, told, _ in answers]


def requests_logged(program):
    return {line["request_id"]: line for line in program.logged("request")}


@one_program
def test_prediction_is_a_span_of_its_callers_trace(one):
    one.program.ask(
        "POST", "/batch", {"X": [1, 2]}, X_Request_Id="mine", traceparent=SAMPLED, tracestate="vendor=1,b=2"
    )

    (mine,) = one.spans("mine")
    assert (mine.span.name, mine.span.kind, mine.span.status.code) == ("POST /batch", 2, 0)
    assert (mine.trace_id, mine.span.parent_span_id.hex()) == (TRACE, PARENT)
    assert mine.span.trace_state == "vendor=1,b=2"
    assert mine.attributes == {
        "http.request.method": "POST",
        "http.route": "/batch",
        "http.response.status_code": 200,
        "url.scheme": "http",
        "url.path": "/batch",
        "endeavour.request_id": "mine",
        "endeavour.rows": 2,
        "endeavour.model.version": "bundled",
        "endeavour.model.source": "bundled",
    }
    assert mine.schema == "https://opentelemetry.io/schemas/1.23.0"
    assert mine.resource["service.name"] == "endeavour"


@one_program
def test_span_lies_in_the_time_of_its_request(one):
    before = time.time_ns()
    (name,) = predict(one.program, 1)
    after = time.time_ns()

    span = one.spans(name)[0].span
    # A float has room for a quarter of a microsecond of our days.
    assert before - 1000 <= span.start_time_unix_nano < span.end_time_unix_nano <= after + 1000


@one_program
def test_line_of_every_request_names_the_trace_of_its_span(one):
    own, callers = predict(one.program, 20), predict(one.program, 5, traceparent=SAMPLED)

    spans, lines = one.spans(*own, *callers), one.lines(*own, *callers)
    assert [line["trace_id"] for line in lines] == [received.trace_id for received in spans]
    assert len({received.trace_id for received in spans[:20]}) == 20
    assert {received.trace_id for received in spans[20:]} == {TRACE}
    assert [received.span.parent_span_id.hex() for received in spans] == [""] * 20 + [PARENT] * 5
    assert len({received.span.span_id for received in spans}) == 25
    # One of each worker.
    assert len({received.resource["service.instance.id"] for received in spans}) == 2


@one_program
def test_caller_that_does_not_sample_is_obeyed(one):
    unsampled = predict(one.program, 10, traceparent=UNSAMPLED)
    # Whatever came before these, on either worker, would be there with them.
    one.spans(*predict(one.program, 20, traceparent=SAMPLED))

    assert one.collector.by_request().keys().isdisjoint(unsampled)
    assert {line["trace_id"] for line in one.lines(*unsampled)} == {TRACE}


@one_program
@pytest.mark.parametrize("wrong", ["00", f"00-{'0' * 32}-{PARENT}-01", f"ff-{TRACE}-{PARENT}-01", f"{SAMPLED}-more"])
def test_what_is_no_traceparent_begins_a_trace(one, wrong):
    (span,) = one.spans(*predict(one.program, 1, traceparent=wrong))

    assert span.trace_id != TRACE
    assert not span.span.parent_span_id


@one_program
def test_later_traceparent_is_one_however_long(one):
    (span,) = one.spans(*predict(one.program, 1, traceparent=f"01-{TRACE}-{PARENT}-01-{'more' * 500}"))

    assert (span.trace_id, span.span.parent_span_id.hex()) == (TRACE, PARENT)


@one_program
def test_nothing_that_a_client_makes_up_is_a_name(one):
    one.program.ask("BREW", "/coffee" + "x" * 1000 + "?token=SECRET", None, X_Request_Id="lost")
    with one.program.socket() as raw:
        raw.sendall(b"GET /%ED%A0%80%FF%00 HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: odd\r\n\r\n")
        answer(raw)

    lost, odd = one.spans("lost", "odd")
    assert (lost.span.name, odd.span.name) == ("HTTP", "GET")
    assert lost.attributes["http.request.method"] == "_OTHER"
    assert lost.attributes["http.request.method_original"] == "BREW"
    assert len(lost.attributes["url.path"]) == 200
    assert "http.route" not in lost.attributes
    assert lost.attributes["endeavour.code"] == "not_found"
    assert "SECRET" not in str(lost)


def test_refused_requests_are_spans_and_tell_a_key_by_its_id(traced, collector, artifacts):
    key = IssueKey(FileKeyStore(artifacts / "keys.json"), build.utc_now, os.urandom)("me", (Role.PREDICT,))
    both = Traced(traced(collector.uri), collector)

    both.program.ask("POST", "/stream", {"X": "a"}, X_Request_Id="bad", Authorization=f"Bearer {key.text}")
    both.program.ask("POST", "/stream", ROW, X_Request_Id="stranger")

    bad, stranger = both.spans("bad", "stranger")
    assert bad.span.name == "POST /stream"
    assert bad.attributes["endeavour.key_id"] == key.key.id
    assert (bad.attributes["http.response.status_code"], bad.attributes["endeavour.code"]) == (400, "wrong_type")
    # A mistake of the client's is no error of the server.
    assert (bad.span.status.code, "error.type" in bad.attributes) == (0, False)
    assert (stranger.attributes["endeavour.code"], "endeavour.key_id" in stranger.attributes) == ("unauthorized", False)
    assert key.text.partition(".")[2] not in str(collector.spans)


def test_sampler_of_the_environment_decides_where_the_caller_has_not(traced, collector):
    both = Traced(traced(collector.uri, {"OTEL_TRACES_SAMPLER": "parentbased_always_off"}, workers=1), collector)

    own = predict(both.program, 5)
    both.spans(*predict(both.program, 5, traceparent=SAMPLED))

    assert collector.by_request().keys().isdisjoint(own)
    assert not any("trace_id" in line for line in both.lines(*own))


def test_what_is_left_is_sent_at_the_end(traced, collector):
    program = traced(collector.uri, {"OTEL_BSP_SCHEDULE_DELAY": "60000"})

    told = predict(program, 20)
    code = program.end()

    assert code == 0
    assert collector.by_request().keys() >= {*told}


def test_collector_is_found_through_the_proxy_that_the_environment_names(traced, collector):
    both = Traced(traced("http://collector.invalid:4318", {"HTTP_PROXY": collector.uri, "NO_PROXY": "x"}), collector)

    both.spans(*predict(both.program, 1))


def test_environment_names_service_resource_and_headers(traced, collector):
    program = traced(
        "http://127.0.0.1:9",
        {
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{collector.uri}/v1/traces",
            "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer SECRET,MALFORMED SECRET",
            "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
            "OTEL_SERVICE_NAME": "prices",
            "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test",
        },
        log_level="DEBUG",
    )

    (name,) = predict(program, 1)
    wait_until(lambda: name in collector.by_request())
    program.end()

    resource = collector.by_request()[name].resource
    assert (resource["service.name"], resource["deployment.environment.name"]) == ("prices", "test")
    assert collector.headers[0]["authorization"] == "Bearer SECRET"
    assert "SECRET" not in program.err


def drop(handler: Handler) -> None:
    """Hang up."""
    handler.close_connection = True


FAULTS = [
    pytest.param(hang, id="hang"),
    pytest.param(status(500), id="500"),
    pytest.param(status(503), id="503", marks=pytest.mark.slow),
    pytest.param(drop, id="drop", marks=pytest.mark.slow),
    pytest.param(None, id="refuse"),
]


@pytest.mark.parametrize("fault", FAULTS)
def test_collector_that_fails_delays_no_request_and_no_end(traced, proxy, fault):
    proxy.fail(fault) if fault else proxy.refuse()
    program = traced(proxy.uri, {"OTEL_EXPORTER_OTLP_TIMEOUT": "1"})

    began = time.monotonic()
    with program.connection() as connection:
        for _ in range(500):
            assert ask(connection, "POST", "/stream", ROW)[0] == 200
    asked = time.monotonic() - began
    wait_until(lambda: program.logged(LOST))
    began = time.monotonic()
    code = program.end()
    ended = time.monotonic() - began

    assert code == 0
    # Measured: half a second; a collector that requests waited for would take its second for each batch.
    assert asked < 8
    # Two seconds for the collector, and as much again for a busy machine.
    assert ended < 6
    others = [line for line in log_lines(program.err) if line["event"] not in ("request", "serving")]
    assert {line["event"] for line in others} == {LOST}
    # One of each worker that has met it.
    assert len(others) <= 2
    assert all(line["why"] for line in others)


def test_collector_that_is_waited_for_is_so_no_longer_at_the_end(traced, proxy):
    proxy.fail(hang)
    program = traced(proxy.uri, {"OTEL_EXPORTER_OTLP_TIMEOUT": "60"})

    predict(program, 10)
    wait_until(lambda: proxy.asked["/v1/traces"])
    began = time.monotonic()
    code = program.end()

    assert code == 0
    # Two seconds for the collector; the server kills after ten what has not ended.
    assert time.monotonic() - began < 6


def test_collector_that_comes_back_is_told_of_once_and_gets_what_comes_then(traced, collector, proxy):
    proxy.refuse()
    program = traced(proxy.uri, {"OTEL_EXPORTER_OTLP_TIMEOUT": "0.1"}, workers=1)

    predict(program, 3)
    wait_until(lambda: program.logged(LOST))
    predict(program, 3)
    time.sleep(0.5)
    proxy.listen()
    wait_until(lambda: predict(program, 1) and program.logged(FOUND))
    (late,) = predict(program, 1)
    wait_until(lambda: late in collector.by_request())

    assert len(program.logged(LOST)) == 1
    (found,) = program.logged(FOUND)
    assert found["spans_lost"] >= 3


def test_worker_whose_sdk_is_disabled_loads_no_library_for_traces(traced, collector):
    program = traced(collector.uri, {"OTEL_SDK_DISABLED": "true"})

    predict(program, 5, traceparent=SAMPLED)
    maps = [Path(f"/proc/{pid}/maps").read_text() for pid in program.workers()]
    program.end()

    assert collector.headers == []
    # What spans are encoded with is a compiled library.
    assert not any("protobuf" in text for text in maps)


def test_missing_extra_is_named_and_nothing_is_started(start, tmp_path, server):
    # A package of that name without anything in it stands before the one that is installed.
    (tmp_path / "empty" / "opentelemetry").mkdir(parents=True)
    (tmp_path / "empty" / "opentelemetry" / "__init__.py").touch()
    program = start(
        environment={"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "PYTHONPATH": str(tmp_path / "empty")}
    )

    assert program.process.wait(15) == 2

    assert "OTEL_EXPORTER_OTLP_ENDPOINT asks for traces" in program.err
    assert "add the extra otel" in program.err
