"""The serving program over real HTTP: what it answers, with a real server's way of reading requests."""

import contextlib
import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
import orjson
import pytest

from adapters.files.csv_weights import CsvWeights
from adapters.files.model_store import FileModelStore
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from tests.support.examples import a_lineage
from tests.support.program import INHERITED, Program, answer, ask, log_lines, wait_until

pytestmark = pytest.mark.e2e

FEATURES = ("bmi", "bp", "s5")
LIMIT = 200_000


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """A server with two workers and a promoted model of three features."""
    artifacts = tmp_path_factory.mktemp("serving") / "artifacts"
    store = FileModelStore(artifacts / "weights", CsvWeights())
    model = LinearModel(np.array([603.1, 262.27, 543.87]), 152.13, FEATURES)
    store.promote(store.save(ModelVersion("", model, a_lineage())).name, replacing=None, at=datetime.now(UTC))
    leaking = {"HTTP_PROXY": "http://leaked", "CONTENT_TYPE": "text/plain"}
    program = Program(artifacts, max_body_bytes=LIMIT, environment=leaking)
    program.store = store
    yield program
    program.clean_up()


@pytest.fixture(scope="module")
def said(program):
    return program.wait_until_ready()


@pytest.fixture(autouse=True)
def ready(said):
    return said


def test_last_lines_are_the_commands_to_try(program, said):
    assert [line.split()[0] for line in said[1:]] == [b"curl", b"curl"]
    assert b"""'{"X": {"bmi": 0.2, "bp": 0.2, "s5": 0.2}}'""" in said[1]
    assert len(program.logged("serving")) == 2


def test_stream_answers_with_result_and_headers(program):
    status, headers, body = program.ask("POST", "/stream", {"X": [0.1, 0.2, 0.3]}, X_Request_Id="mine")

    assert (status, set(orjson.loads(body))) == (200, {"result"})
    assert headers["x-model-version"] == program.store.history().champion
    assert (headers["x-model-source"], headers["x-request-id"]) == ("registry", "mine")


def test_batch_of_records_equals_stream_of_each_to_the_last_bit(program):
    values = np.random.default_rng(3).normal(size=(100, 3)) * 10.0 ** np.arange(-3, 6, 3)
    records = [dict(zip(FEATURES, row, strict=True)) for row in values.tolist()]

    with program.connection() as connection:
        together = orjson.loads(ask(connection, "POST", "/batch", {"X": records})[2])["result"]
        apart = [orjson.loads(ask(connection, "POST", "/stream", {"X": record})[2])["result"] for record in records]

    assert together == apart


def test_model_and_health_are_told(program):
    assert program.ask("GET", "/health")[0] == 200
    assert orjson.loads(program.ask("GET", "/model")[2])["features"] == list(FEATURES)
    status, _, body = program.ask("HEAD", "/health")
    assert (status, body) == (200, b"")


def test_environment_of_the_server_is_no_part_of_requests(program):
    """granian copies it into every request, where CONTENT_TYPE=text/plain would refuse all of them."""
    with program.socket() as raw:
        raw.sendall(b'POST /stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: 14\r\n\r\n{"X": [1,2,3]}')
        status, _ = answer(raw)

    assert status == 200


def chunked(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    ("head", "body", "status", "code"),
    [
        ("Transfer-Encoding: chunked", chunked(b'{"X": [1,', b"2,3]}"), 200, None),
        ("Transfer-Encoding: chunked", chunked(*[b" " * 50_000] * 5, b'{"X": [1,2,3]}'), 413, "body_too_large"),
        ("Transfer-Encoding: chunked", chunked(), 400, "empty_body"),
        (f"Content-Length: {LIMIT + 1}", b'{"X": [1,2,3]}'.ljust(LIMIT + 1), 413, "body_too_large"),
        ("Content-Length: 9999999999999", b"{", 413, "body_too_large"),
        ("Content-Length: 14", b'{"X": [1,2,3]}', 200, None),
        ("X: y", b"", 400, "empty_body"),
        ("Content-Length: 14\r\nContent-Encoding: gzip", b'{"X": [1,2,3]}', 415, "unsupported_encoding"),
        ("Content-Length: 14\r\nContent-Type: text/csv", b'{"X": [1,2,3]}', 415, "unsupported_media_type"),
        ("Content-Length: 2\r\nX-Request-Id: a b", b"{}", 400, "missing_field"),
        # Of two hosts granian makes one with a comma.
        ("Content-Length: 13\r\nHost: \xff:x", b'{"X":[1,2,3]}', 421, "wrong_host"),
    ],
)
def test_body_is_read_whole_or_refused(program, head, body, status, code):
    with program.socket() as raw:
        raw.sendall(f"POST /stream HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n".encode("latin-1"))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # a refused body need not be taken
            raw.sendall(body)
        got, told = answer(raw)

    assert got == status
    assert orjson.loads(told).get("code") == code


@pytest.mark.parametrize(
    "path", ["/%ff", "/stream%00", "/%2e%2e/etc/passwd", "/stream;x", "/" + "a" * 8000, "/stream/?X=1", "//livez"]
)
def test_strange_paths_are_not_found(program, path):
    status, headers, body = program.ask("GET", path)

    assert (status, headers["content-type"]) == (404, "application/problem+json")
    assert len(body) < 4096


def test_answers_after_a_refusal_go_on_over_the_same_connection(program):
    with program.connection() as connection:
        codes = [ask(connection, "POST", "/stream", body)[0] for body in ({"X": []}, {"X": "a"}, {"X": [1, 2, 3]})]

    assert codes == [422, 400, 200]


def test_stalled_bodies_keep_no_other_client_waiting_and_too_many_of_them_are_refused(start):
    program = start(workers=1)
    program.wait_until_ready()
    with contextlib.ExitStack() as stalled:

        def stall(count):
            for _ in range(count):
                raw = stalled.enter_context(program.socket())
                raw.sendall(b"POST /stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\n{")

        stall(40)
        statuses = {program.ask("POST", "/stream", {"X": 0.2})[0] for _ in range(10)}
        stall(30)
        wait_until(lambda: program.ask("POST", "/stream", {"X": 0.2})[0] == 503)
        _, headers, refused = program.ask("POST", "/stream", {"X": 0.2})
        alive = program.ask("GET", "/livez")[0]

    assert (statuses, alive, orjson.loads(refused)["code"]) == ({200}, 200, "overloaded")
    assert int(headers["retry-after"]) > 0
    wait_until(lambda: program.ask("POST", "/stream", {"X": 0.2})[0] == 200)


HEAVY = {
    "google",
    "matplotlib",
    "mlflow",
    "opentelemetry",
    "pandas",
    "prometheus_client",
    "pyarrow",
    "requests",
    "scipy",
    "sklearn",
    "sqlalchemy",
}
WHAT_A_WORKER_IMPORTS = """
import os, sys
from dependency_injector import providers
from entrypoints.observability.metrics.aggregator import MetricsChannel
from entrypoints.server.worker import build_worker_app
from entrypoints.settings import Settings
client = build_worker_app(os.getppid(), Settings.from_environment(), metrics=MetricsChannel()).test_client()
assert client.get("/model").status_code == 200
print(" ".join(sys.modules))
"""


@pytest.mark.parametrize("store", ["csv", "mlflow"])
def test_worker_imports_nothing_heavy(tmp_path, store):
    environment = {
        **INHERITED,
        "ENDEAVOUR_STORE": store,
        "ENDEAVOUR_DATA_DIR": str(tmp_path),
        "ENDEAVOUR_ALLOW_ANONYMOUS": "true",
    }

    done = subprocess.run(
        [sys.executable, "-c", WHAT_A_WORKER_IMPORTS], env=environment, capture_output=True, check=True, text=True
    )

    modules = {name.partition(".")[0] for name in done.stdout.split()}
    assert modules.isdisjoint(HEAVY)
    assert not any(facts["level"] == "error" for facts in log_lines(done.stderr))
