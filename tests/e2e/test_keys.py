"""The serving program with keys: rotation under load, refusals over real HTTP, and whom it serves at all."""

import os
import subprocess
import sys
import threading
import time
from collections import Counter

import orjson
import pytest

from adapters.files.key_store import FileKeyStore
from application.issue_key import IssueKey
from application.revoke_key import RevokeKey
from domain.api_key import Role
from entrypoints import build
from tests.entrypoints.serving.program import INHERITED, answer, ask, wait_until

pytestmark = pytest.mark.e2e

ROW = {"X": 0.2}


class Keys:
    """The key file of a host, as `endeavour keys` changes it."""

    def __init__(self, artifacts):
        self.path = artifacts / "keys.json"
        self._store = FileKeyStore(self.path)

    def add(self, name="me", *roles):
        return IssueKey(self._store, build.utc_now, os.urandom)(name, roles or (Role.PREDICT,)).text

    def revoke(self, key):
        RevokeKey(self._store)(key)


@pytest.fixture
def keys(artifacts):
    return Keys(artifacts)


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


def statuses(program, key, times=12):
    """Return the statuses that the key gets; each request meets either worker."""
    return {program.ask("POST", "/stream", ROW, **bearer(key))[0] for _ in range(times)}


class Client:
    """A client that asks as fast as it can on one connection after another, with the key it has at the time."""

    def __init__(self, program, key):
        self.key, self.answers, self.failures = key, [], []
        self._program, self._stop = program, threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _run(self):
        while not self._stop.is_set():
            try:
                with self._program.connection() as connection:
                    for _ in range(20):
                        key = self.key
                        self.answers.append((key, ask(connection, "POST", "/stream", ROW, **bearer(key))[0]))
            except Exception as error:  # whatever it is, it counts
                self.failures.append(error)


@pytest.mark.parametrize("changes", [1, pytest.param(10, marks=pytest.mark.slow)])
def test_keys_are_changed_under_load_without_a_restart_or_a_refused_request(ready, keys, changes):
    old = keys.add()
    program = ready()
    workers = program.workers()
    delays = []

    with Client(program, old) as client, Client(program, old) as other:
        for _ in range(changes):
            new, began = keys.add(), time.monotonic()
            wait_until(lambda key=new: statuses(program, key) == {200}, every=0.05)
            delays.append(time.monotonic() - began)
            client.key = other.key = new
            wait_until(lambda key=new: [seen.answers[-1][0] for seen in (client, other)] == [key] * 2)
            keys.revoke(old)
            began = time.monotonic()
            wait_until(lambda key=old: statuses(program, key) == {401}, every=0.05)
            delays.append(time.monotonic() - began)
            old = new

    assert client.failures == other.failures == []
    assert {status for _, status in client.answers + other.answers} == {200}
    assert len(client.answers) > 100
    assert program.workers() == workers
    # Workers look twice a second; the rest is for a busy machine.
    assert max(delays) < 3


def test_server_with_keys_refuses_and_tells_nothing_without_one(ready, keys):
    key, metrics = keys.add(), keys.add("prometheus", Role.METRICS)
    program = ready()

    def told(method, path, headers):
        status, answered, body = program.ask(method, path, ROW, **headers)
        return status, orjson.loads(body).get("code"), answered.get("www-authenticate")

    assert told("POST", "/stream", bearer(key)) == (200, None, None)
    assert told("POST", "/stream", {"X_API_Key": key}) == (200, None, None)
    assert told("POST", "/stream", bearer(key[:-2])) == (401, "unauthorized", "Bearer")
    assert told("POST", "/stream", {}) == (401, "unauthorized", "Bearer")
    assert told("GET", "/nowhere", {}) == (401, "unauthorized", "Bearer")
    assert told("GET", "/nowhere", bearer(metrics)) == (404, "not_found", None)
    assert told("POST", "/stream", bearer(metrics)) == (403, "forbidden", None)
    assert program.ask("GET", "/livez")[0] == program.ask("GET", "/readyz")[0] == 200
    wait_until(lambda: len(program.logged("request")) >= 9)
    # Each worker writes its own lines, a moment later: their order is not that of the requests.
    ids = Counter(line.get("key") for line in program.logged("request") if line["path"] == "/stream")
    assert ids == {key.partition(".")[0]: 2, None: 2, metrics.partition(".")[0]: 1}
    assert key.partition(".")[2] not in program.err


def test_start_says_how_to_try_with_a_key(ready, keys):
    key = keys.add()

    program = ready()

    assert b"KEY=" in program.said[0]
    said = subprocess.check_output(["/bin/sh", "-c", program.said[1].decode()], env={**INHERITED, "KEY": key})
    assert orjson.loads(said)["result"] == pytest.approx(340.57, abs=0.01)


@pytest.mark.parametrize("expecting", ["", "Expect: 100-continue\r\n"])
def test_refusal_comes_before_the_body(ready, keys, expecting):
    keys.add()
    program = ready()

    with program.socket() as raw:
        raw.sendall(f"POST /batch HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000000\r\n{expecting}\r\n".encode())
        status, told = answer(raw)

    assert (status, orjson.loads(told)["code"]) == (401, "unauthorized")


def test_header_that_is_sent_twice_or_under_two_spellings_is_no_way_in(ready, keys):
    """granian gives `X_API_Key` the name of `X-API-Key`, the later one winning: whoever is let in had a key."""
    key = keys.add()
    program = ready()

    def status(*lines):
        with program.socket() as raw:
            raw.sendall("\r\n".join(("GET /model HTTP/1.1", "Host: localhost", *lines, "", "")).encode())
            return answer(raw)[0]

    assert status(f"X-API-Key: {key}") == 200
    assert status(f"X-API-Key: {key}", f"X-API-Key: {key}") == 401
    assert status("X-API-Key: wrong.key", f"X-API-Key: {key}") == 401
    assert status(f"Authorization: Bearer {key}", f"Authorization: Bearer {key}") == 401
    assert status(f"Authorization: Bearer {key}", "X_API_Key: wrong.key") == 401
    assert status(f"X-API-Key: {key}", "X_API_Key: wrong.key") == 401


def test_first_key_closes_a_server_that_was_open(ready, keys):
    program = ready()
    assert program.ask("POST", "/stream", ROW)[0] == 200

    key = keys.add()

    wait_until(lambda: {program.ask("POST", "/stream", ROW)[0] for _ in range(12)} == {401})
    assert statuses(program, key) == {200}


@pytest.mark.parametrize("lost", [False, True])
def test_damaged_or_lost_key_file_changes_nothing_and_is_reported_once_a_worker(ready, keys, lost):
    key, other = keys.add(), keys.add("other")
    program = ready()
    good = keys.path.read_bytes()

    keys.path.unlink() if lost else keys.path.write_bytes(good[:99])
    wait_until(lambda: len(program.logged("keys_not_read")) == 2)
    time.sleep(0.7)  # another look

    assert len(program.logged("keys_not_read")) == 2
    assert statuses(program, key) == {200}
    assert statuses(program, "wrong.key") == {401}

    keys.path.write_bytes(good)
    keys.revoke(other)
    wait_until(lambda: statuses(program, other) == {401})
    assert statuses(program, key) == {200}


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104  # it is refused
def test_server_without_keys_does_not_start_where_strangers_reach_it(start, host):
    program = start(host=host)

    assert program.process.wait(10) == 2
    assert len(program.err.splitlines()) == 1
    assert "endeavour keys add" in program.err


@pytest.mark.parametrize("way", ["option", "variable", "key"])
def test_server_starts_where_strangers_reach_it_if_that_is_safe_or_wanted(ready, keys, way):
    ways = {"option": {"words": ["--allow-anonymous"]}, "variable": {"allow_anonymous": True}, "key": {}}
    if way == "key":
        keys.add()

    program = ready(host="0.0.0.0", **ways[way])  # noqa: S104  # what is tested

    assert program.ask("POST", "/stream", ROW)[0] == (401 if way == "key" else 200)
    assert len(program.logged("everybody_may_predict")) == (0 if way == "key" else 1)


def test_server_does_not_start_with_a_damaged_key_file(start, keys):
    keys.path.parent.mkdir()
    keys.path.write_text("{")

    program = start()

    assert program.process.wait(10) == 4
    assert len(program.err.splitlines()) == 1
    assert "keys.json" in program.err


def test_server_does_not_start_with_a_variable_that_could_pass_for_a_header(start):
    program = start(environment={"HTTP_X_API_KEY": "a.SECRET"})

    assert program.process.wait(10) == 2
    assert "HTTP_X_API_KEY" in program.err
    assert "SECRET" not in program.err


def test_key_from_the_command_line_opens_a_running_server(ready, keys, artifacts):
    keys.add()
    program = ready()

    done = subprocess.run(
        [sys.executable, "-m", "entrypoints", "keys", "add", "client", "--role", "predict"],
        env={**INHERITED, "ENDEAVOUR_ARTIFACTS": str(artifacts)},
        capture_output=True,
        text=True,
        check=True,
    )

    wait_until(lambda: statuses(program, done.stdout.strip()) == {200})
