"""Requests and answers of the serving program over real HTTP, as granian reads them."""

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
from tests.support.program import INHERITED, Program, answer, ask, log_lines

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
    # granian copies variables into every request, where this type would be refused.
    leaking = {"HTTP_PROXY": "http://leaked", "CONTENT_TYPE": "text/plain"}
    with Program(artifacts, max_body_bytes=LIMIT, environment=leaking) as program:
        program.store = store
        yield program


def test_last_lines_are_the_commands_to_try(program):
    assert [line.split()[0] for line in program.output[1:]] == [b"curl", b"curl"]
    assert all(b'"bmi": ' in line for line in program.output[1:])
    workers = {line["pid"] for line in program.logged("serving")}
    assert workers == set(program.workers())


def test_responses_have_the_headers_of_the_model_and_of_the_request(program):
    status, headers, body = program.ask("POST", "/stream", {"X": [0.1, 0.2, 0.3]}, X_Request_Id="mine")

    assert (status, set(orjson.loads(body))) == (200, {"result"})
    assert headers["x-model-version"] == program.store.history().champion
    assert (headers["x-model-source"], headers["x-request-id"]) == ("registry", "mine")
    assert program.ask("HEAD", "/health")[::2] == (200, b"")


def chunked(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


BODIES = [
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
    # granian joins two hosts with a comma.
    ("Content-Length: 13\r\nHost: \xff:x", b'{"X":[1,2,3]}', 421, "wrong_host"),
]


def test_body_is_read_whole_or_refused(program):
    failures = []
    for head, body, *expected in BODIES:
        with program.socket() as raw:
            raw.sendall(f"POST /stream HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n".encode("latin-1"))
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # a refused body need not be taken
                raw.sendall(body)
            status, received = answer(raw)
        if (found := [status, orjson.loads(received).get("code")]) != expected:
            failures.append((head, found, expected))

    assert failures == []


def test_strange_paths_are_not_found(program):
    for path in ("/%ff", "/stream%00", "/%2e%2e/etc/passwd", "/stream;x", "/" + "a" * 8000, "/stream/?X=1", "//livez"):
        status, headers, body = program.ask("GET", path)

        assert (status, headers["content-type"]) == (404, "application/problem+json"), path
        assert len(body) < 4096


def test_answers_after_a_refusal_use_the_same_connection(program):
    with program.connection() as connection:
        codes = [ask(connection, "POST", "/stream", body)[0] for body in ({"X": []}, {"X": "a"}, {"X": [1, 2, 3]})]

    assert codes == [422, 400, 200]


HEAVY = {
    *("google", "matplotlib", "mlflow", "opentelemetry", "pandas", "prometheus_client", "pyarrow"),
    *("numpy.random", "requests", "scipy", "sklearn", "sqlalchemy"),
}
IMPORTS_OF_A_WORKER = """
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
    settings = {"STORE": store, "DATA_DIR": str(tmp_path), "ALLOW_ANONYMOUS": "true"}
    environment = INHERITED | {f"ENDEAVOUR_{name}": value for name, value in settings.items()}

    done = subprocess.run(
        [sys.executable, "-c", IMPORTS_OF_A_WORKER], env=environment, capture_output=True, check=True, text=True
    )

    modules = done.stdout.split()
    assert HEAVY.isdisjoint([*modules, *(name.partition(".")[0] for name in modules)])
    assert not any(line["level"] == "error" for line in log_lines(done.stderr))
