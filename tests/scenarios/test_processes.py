"""Processes of the serving program: killed workers, signals at bad moments, and their ends."""

import contextlib
import hashlib
import os
import re
import signal
import socket
import time
from pathlib import Path

import orjson
import pytest

from domain.model.serialization import SCHEMA
from entrypoints.container import Container
from tests.support.examples import a_version
from tests.support.program import answer, free_port, is_alive, refuses, wait_until

pytestmark = pytest.mark.e2e

ROW = {"X": 0.2}
EXPECTING = b"POST /stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n"
CHUNKED = b"POST /stream HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"


def unreachable():
    """Return the settings of a server whose registry is unreachable."""
    return {"store": "mlflow", "environment": {"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{free_port()}"}}


def test_rate_limit_counts_what_all_workers_answer(ready):
    program = ready(rate_limit_per_second=0.001, rate_limit_burst=20)

    statuses = [program.ask("POST", "/stream", ROW)[0] for _ in range(60)]

    assert statuses == [200] * 20 + [429] * 40
    wait_until(lambda: len({line["request_id"] for line in program.logged("request") if line["status"] == 429}) == 40)


def test_kernel_closes_the_listening_socket_of_a_killed_worker_before_its_connections(ready):
    program = ready()
    with program.connection() as client:
        client.request("GET", "/livez")
        client.getresponse().read()
        for worker in program.workers():
            folder = Path(f"/proc/{worker}/fd")
            *_, highest = sorted(folder.iterdir(), key=lambda path: int(path.name))
            inode = re.search(r"\d+", str(highest.readlink()))[0]

            # The state 0A is LISTEN.
            assert re.search(rf"(?m)^ +\d+: \S+ \S+ 0A .* {inode} ", Path(f"/proc/{worker}/net/tcp").read_text())


def test_broken_chunks_are_refused_and_sigterm_answers_what_was_begun_and_ends_everything(ready):
    program = ready()
    children = list(program.children())
    for body in (b"zz\r\n{}\r\n0\r\n\r\n", b"a\r\n{}", b"2\r\n{}0\r\n\r\n"):
        with program.socket() as raw:
            raw.sendall(CHUNKED + body)
            raw.shutdown(socket.SHUT_WR)
            # granian sends nothing to a client that has closed its side.
            assert raw.recv(65536)[:12] in (b"HTTP/1.1 400", b"")
    assert "Traceback" not in program.err

    with program.socket() as raw:
        raw.sendall(EXPECTING)
        # The server sends this when the application begins to read.
        assert raw.recv(1024).startswith(b"HTTP/1.1 100 ")
        raw.sendall(b'{"X":')
        program.process.send_signal(signal.SIGTERM)
        wait_until(lambda: refuses(program.port))
        raw.sendall(b" 0.2}")

        assert answer(raw)[0] == 200
    assert program.process.wait(11) == 0
    assert not any(is_alive(pid) for pid in children)


@pytest.mark.slow
def test_worker_that_gets_many_signals_ends_all_the_same(ready):
    program = ready()
    first, second = program.workers()

    for _ in range(200):
        with contextlib.suppress(ProcessLookupError):
            os.kill(first, signal.SIGTERM)

    wait_until(lambda: not is_alive(first), seconds=5)
    assert is_alive(second)


@pytest.mark.parametrize("moment", [0.05, 0.6, 0.9, 1.1, 1.4])
def test_sigterm_at_any_moment_of_the_start_ends_everything(start, moment):
    program = start(**unreachable())
    time.sleep(moment)
    children = list(program.children())

    code = program.end(seconds=5)

    # Before the program's first line has run, Python itself is ended by the signal.
    assert code in (0, -signal.SIGTERM, 128 + signal.SIGTERM)
    wait_until(lambda: not any(is_alive(pid) for pid in children), seconds=3)


def test_ctrl_c_reaches_all_processes_and_ends_with_130(ready):
    program = ready()
    children = list(program.children())

    for pid in (program.process.pid, *children):
        os.kill(pid, signal.SIGINT)

    assert program.process.wait(11) == 130
    assert not any(is_alive(pid) for pid in children)


def test_p03_nothing_outlives_a_killed_server_that_answered_with_the_bundled_model(ready):
    program = ready(**unreachable())
    children = list(program.children())
    assert len(children) == 3
    assert program.served() == {("bundled", "bundled")}
    assert orjson.loads(program.ask("POST", "/stream", ROW)[2])["result"] == pytest.approx(340.57, abs=0.01)

    program.end(signal.SIGKILL)

    wait_until(lambda: not any(is_alive(pid) for pid in children), seconds=5)


def test_taken_port_is_one_line_and_exit_code_2(start):
    with socket.create_server(("127.0.0.1", 0)) as other:
        program = start(store="mlflow", port=other.getsockname()[1])

        assert program.process.wait(10) == 2

    assert len(program.err.splitlines()) == 1
    assert "ENDEAVOUR_PORT" in program.err


def test_f03_host_whose_copy_a_newer_version_wrote_is_alive_and_not_ready(start, artifacts, monkeypatch):
    settings = unreachable()
    monkeypatch.setenv("ENDEAVOUR_DATA_DIR", str(artifacts))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", settings["environment"]["MLFLOW_TRACKING_URI"])
    Container().last_known_good().keep(a_version("41", slope=2.0))
    (current,) = artifacts.rglob("CURRENT")
    record = orjson.dumps({"name": "7", "schema": SCHEMA + 1})
    current.write_bytes(hashlib.sha256(record).hexdigest().encode() + b"\n" + record)

    program = start(**settings)
    (line,) = program.wait_until_ready(lines=1)

    why = b"schema %d; this one reads" % (SCHEMA + 1)
    assert why in line
    assert [program.ask("GET", path)[0] for path in ("/livez", "/readyz")] == [200, 503]
    for method, path in (("POST", "/stream"), ("GET", "/model")):
        status, headers, body = program.ask(method, path, ROW)
        assert (status, headers["retry-after"], orjson.loads(body)["code"], why in body) == (503, "1", "no_model", True)
    wait_until(lambda: why.decode() in str(program.logged("no_model")))
