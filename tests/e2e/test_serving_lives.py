"""The serving program under fire: killed workers, signals at bad moments, a registry that is not there, promotions."""

import contextlib
import hashlib
import os
import signal
import socket
import threading
import time
from datetime import UTC, datetime
from itertools import pairwise

import orjson
import pytest

from adapters.files.csv_weights import CsvWeights
from adapters.files.model_store import FileModelStore
from entrypoints.container import Container
from tests.entrypoints.serving.program import Program, answer, ask, free_port, is_alive, wait_until
from tests.examples import a_lineage, a_model, a_version

pytestmark = pytest.mark.e2e

ROW = {"X": 0.2}


def sources(program, times=30):
    """Return the versions and sources that answer; each request meets either worker."""
    told = [program.ask("POST", "/stream", ROW) for _ in range(times)]
    assert {status for status, _, _ in told} == {200}
    return {(headers["x-model-version"], headers["x-model-source"]) for _, headers, _ in told}


class Load:
    """Clients that ask as fast as they can; half of them open a connection for each request."""

    def __init__(self, program: Program, clients: int = 4) -> None:
        self.answers: list[tuple[int, str, float]] = []
        self.failures: list[BaseException] = []
        self._program, self._stop = program, threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(bool(number % 2),)) for number in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, anew: bool) -> None:
        while not self._stop.is_set():
            try:
                with self._program.connection() as connection:
                    self._ask(connection)
                    while not anew and not self._stop.is_set():
                        self._ask(connection)
            except Exception as error:  # whatever it is, it counts
                self.failures.append(error)

    def _ask(self, connection) -> None:
        status, headers, body = ask(connection, "POST", "/stream", ROW)
        self.answers.append((status, headers.get("x-model-version"), orjson.loads(body).get("result")))


def test_promotion_is_served_by_every_worker_without_a_failed_request(ready, artifacts):
    store = FileModelStore(artifacts / "weights", CsvWeights())
    names = [store.save(a_model(slope), a_lineage()).name for slope in (1.0, 2.0, 3.0, 4.0)]
    expected = {name: float(store.load(name).model.predict([[0.2]])[0]) for name in names}
    store.promote(names[0], replacing=None, at=datetime.now(UTC))
    program = ready()
    delays = []

    with Load(program) as load:
        for before, after in pairwise(names):
            store.promote(after, replacing=before, at=datetime.now(UTC))
            promoted = time.monotonic()
            wait_until(lambda name=after: sources(program) == {(name, "registry")}, every=0.05)
            delays.append(time.monotonic() - promoted)

    assert load.failures == []
    assert {status for status, _, _ in load.answers} == {200}
    assert {(name, result) for _, name, result in load.answers} == set(expected.items())
    assert max(delays) < 3


def test_rate_limit_counts_what_all_workers_answer(ready):
    program = ready(rate=0.001, burst=20)

    statuses = [program.ask("POST", "/stream", ROW)[0] for _ in range(60)]

    assert statuses == [200] * 20 + [429] * 40
    wait_until(lambda: len({line["request_id"] for line in program.logged("request") if line["status"] == 429}) == 40)


def test_killed_worker_is_replaced_and_the_service_goes_on(ready):
    program = ready()
    first, second = program.workers()

    os.kill(first, signal.SIGKILL)

    wait_until(lambda: len(set(program.workers()) - {first}) == 2)
    wait_until(lambda: len(program.logged("serving")) == 3)
    assert sources(program) == {("bundled", "bundled")}
    assert second in program.workers()


def test_sigterm_answers_what_it_has_begun_to_read_and_ends_everything(ready):
    program = ready()
    children = list(program.children())
    with program.socket() as raw:
        raw.sendall(b"POST /stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n")
        # The server says so when the application begins to read, and not before.
        assert raw.recv(1024).startswith(b"HTTP/1.1 100 ")
        raw.sendall(b'{"X":')

        program.process.send_signal(signal.SIGTERM)
        wait_until(lambda: refuses(program.port))
        raw.sendall(b" 0.2}")

        assert answer(raw)[0] == 200
    assert program.process.wait(11) == 0
    assert not any(is_alive(pid) for pid in children)


@pytest.mark.parametrize(
    "body", [b"zz\r\n{}\r\n0\r\n\r\n", b"a\r\n{}", b"2\r\n{}0\r\n\r\n"], ids=["size", "cut", "end"]
)
def test_broken_chunks_are_the_fault_of_who_sent_them(ready, body):
    program = ready()
    with program.socket() as raw:
        raw.sendall(b"POST /stream HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
        raw.shutdown(socket.SHUT_WR)
        status = raw.recv(65536)[:12]

    # granian says nothing to a client that has closed its side.
    assert status in (b"HTTP/1.1 400", b"")
    assert "Traceback" not in program.err
    assert program.ask("POST", "/stream", ROW)[0] == 200


@pytest.mark.slow
def test_stalled_body_does_not_keep_the_server_from_ending(ready):
    program = ready(workers=1)
    with program.socket() as raw:
        raw.sendall(b'POST /stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{"X":')
        program.ask("GET", "/health")

        assert program.end(seconds=12) == 0


@pytest.mark.slow
def test_worker_that_gets_many_signals_ends_all_the_same(ready):
    program = ready()
    first, second = program.workers()

    for _ in range(200):
        with contextlib.suppress(ProcessLookupError):
            os.kill(first, signal.SIGTERM)

    wait_until(lambda: not is_alive(first), seconds=5)
    assert is_alive(second)


@pytest.mark.parametrize("moment", [0.05, 0.3, 0.6, 0.8, 0.9, 1.0, 1.1, 1.4])
def test_sigterm_at_any_moment_of_the_start_ends_everything(start, moment):
    program = start(store="mlflow", environment={"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{free_port()}"})
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


def test_nothing_outlives_a_killed_server(ready):
    program = ready(store="mlflow", environment={"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{free_port()}"})
    children = list(program.children())
    assert len(children) == 3

    program.end(signal.SIGKILL)

    wait_until(lambda: not any(is_alive(pid) for pid in children), seconds=5)


def test_taken_port_is_one_line_and_exit_code_2(start):
    with socket.create_server(("127.0.0.1", 0)) as other:
        program = start(store="mlflow", port=other.getsockname()[1])

        assert program.process.wait(10) == 2

    assert len(program.err.splitlines()) == 1
    assert "ENDEAVOUR_PORT" in program.err


def test_second_server_on_the_same_port_is_refused(ready, start):
    first = ready()

    second = start(port=first.port)

    assert second.process.wait(10) == 2


def test_bundled_model_answers_where_nothing_else_is_known(ready):
    program = ready(store="mlflow", environment={"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{free_port()}"})

    assert sources(program) == {("bundled", "bundled")}
    assert orjson.loads(program.ask("POST", "/stream", ROW)[2])["result"] == pytest.approx(340.57, abs=0.01)


@pytest.fixture
def known(artifacts, monkeypatch):
    """A function that keeps a champion of the registry at `uri` on this host, as an earlier mirror would have."""

    def keep(uri):
        monkeypatch.setenv("ENDEAVOUR_ARTIFACTS", str(artifacts))
        monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
        Container().last_known_good().keep(a_version("41", slope=2.0))

    return keep


def test_last_known_model_answers_while_the_registry_refuses(ready, known):
    uri = f"http://127.0.0.1:{free_port()}"
    known(uri)

    program = ready(store="mlflow", environment={"MLFLOW_TRACKING_URI": uri})

    assert sources(program) == {("41", "cache")}


def test_host_whose_copy_another_version_wrote_lives_is_not_ready_and_names_the_way_out(start, known, artifacts):
    uri = f"http://127.0.0.1:{free_port()}"
    known(uri)
    (current,) = artifacts.rglob("CURRENT")
    digest = hashlib.sha256(record := b'{"schema": 2}').hexdigest()
    (current.parent / f"model-{digest[:32]}.json").write_bytes(record)
    current.write_text(digest)

    program = start(store="mlflow", environment={"MLFLOW_TRACKING_URI": uri})
    (said,) = program.wait_until_ready(lines=1)

    why = b"(schema 2; this one reads 1): run that version, or promote a model"
    assert why in said
    assert [program.ask("GET", path)[0] for path in ("/livez", "/readyz")] == [200, 503]
    for method, path in (("POST", "/stream"), ("GET", "/model")):
        status, headers, body = program.ask(method, path, ROW)
        assert (status, headers["retry-after"], orjson.loads(body)["code"], why in body) == (503, "1", "no_model", True)
    wait_until(lambda: why.decode() in str(program.logged("no_model")))


def test_champion_of_another_registry_is_nobodys_last_known_good(ready, known):
    known(f"http://127.0.0.1:{free_port()}")

    program = ready(store="mlflow", environment={"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{free_port()}"})

    assert sources(program) == {("bundled", "bundled")}


def test_silent_registry_delays_the_start_by_its_deadline_and_no_more(ready, known):
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        uri = f"http://127.0.0.1:{silent.getsockname()[1]}"
        known(uri)
        began = time.monotonic()

        program = ready(store="mlflow", environment={"MLFLOW_TRACKING_URI": uri})

        # Measured: 1.8 s, the rest leaves room for a busy machine.
        assert time.monotonic() - began < 6
        assert sources(program) == {("41", "cache")}


def test_killed_mirror_is_started_again_and_requests_do_not_notice(ready):
    program = ready(store="mlflow", environment={"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{free_port()}"})
    (mirror,) = program.mirrors()

    with Load(program, clients=2) as load:
        os.kill(mirror, signal.SIGKILL)
        wait_until(lambda: program.mirrors() not in ([], [mirror]))

    assert load.failures == []
    assert {status for status, _, _ in load.answers} == {200}


def refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except ConnectionRefusedError:
        return True
    return False
