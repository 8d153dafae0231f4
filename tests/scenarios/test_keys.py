"""Server with keys: rotation under load, refusals over real HTTP, and starts without keys."""

import subprocess
import time

import orjson
import pytest

from tests.support.keys import Keys
from tests.support.load import Load, post
from tests.support.program import INHERITED, Program, answer, run_command, wait_until

pytestmark = pytest.mark.e2e

ROW = {"X": 0.2}
ANY_ADDRESS = "0.0.0.0"  # noqa: S104  # what is tested


@pytest.fixture
def keys(artifacts):
    return Keys(artifacts)


def bearer(key):
    return {"Authorization": f"Bearer {key}"} if key else {}


def statuses(program, key="", times=12):
    """Return the statuses that the key gets; each request meets either worker."""
    return {program.ask("POST", "/stream", ROW, **bearer(key))[0] for _ in range(times)}


def test_first_key_closes_an_open_server_and_keys_change_while_no_request_of_another_is_refused(ready, keys, artifacts):
    program = ready()
    workers, delays = program.workers(), []
    assert statuses(program) == {200}
    steady = run_command("keys", "add", "client", ENDEAVOUR_DATA_DIR=artifacts).stdout.strip()
    wait_until(lambda: statuses(program) == {401})

    def wait_for(key, status):
        began = time.monotonic()
        wait_until(lambda: statuses(program, key) == {status}, every=0.05)
        delays.append(time.monotonic() - began)

    with Load(program.port, [post("/stream", b'{"X": 0.2}', f"X-API-Key: {steady}\r\n".encode())], clients=2) as load:
        for _ in range(2):
            changed = keys.add()
            wait_for(changed, 200)
            keys.revoke(changed)
            wait_for(changed, 401)

    assert load.report.failures == []
    assert set(load.report.statuses) == {200}
    assert program.workers() == workers
    # Workers look twice a second; the rest is for a busy machine.
    assert max(delays) < 3


@pytest.fixture(scope="module")
def keyed(tmp_path_factory):
    """A server that other hosts can reach, with a `key` for predictions."""
    artifacts = tmp_path_factory.mktemp("keyed") / "artifacts"
    key = Keys(artifacts).add()
    with Program(artifacts, host=ANY_ADDRESS) as program:
        program.key = key
        yield program


def test_start_prints_how_to_try_with_a_key(keyed):
    assert b"KEY=" in keyed.output[0]
    answered = subprocess.check_output(["/bin/sh", "-c", keyed.output[1]], env={**INHERITED, "KEY": keyed.key})
    assert orjson.loads(answered)["result"] == pytest.approx(147.46, abs=0.01)
    assert keyed.logged("anonymous_access_enabled") == []


def test_refusal_comes_before_the_body(keyed):
    for expecting in ("", "Expect: 100-continue\r\n"):
        with keyed.socket() as raw:
            raw.sendall(f"POST /batch HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n{expecting}\r\n".encode())
            status, body = answer(raw)

        assert (status, orjson.loads(body)["code"]) == (401, "unauthorized")


def test_header_that_is_sent_twice_or_under_two_spellings_is_unauthorized(keyed):
    """granian gives `X_API_Key` the name of `X-API-Key`, and the later header wins."""
    right, wrong, bearing = f"X-API-Key: {keyed.key}", "wrong.key", f"Authorization: Bearer {keyed.key}"

    def status(*lines):
        with keyed.socket() as raw:
            raw.sendall("\r\n".join(("GET /model HTTP/1.1", "Host: localhost", *lines, "", "")).encode())
            return answer(raw)[0]

    assert status(right) == 200
    for lines in (
        (right, right),
        (f"X-API-Key: {wrong}", right),
        (bearing, bearing),
        (bearing, f"X_API_Key: {wrong}"),
        (right, f"X_API_Key: {wrong}"),
    ):
        assert status(*lines) == 401
    wait_until(lambda: len(keyed.logged("request")) >= 6)
    assert keyed.key.partition(".")[2] not in keyed.err


def test_server_that_others_reach_starts_without_keys_if_the_option_allows_it(ready):
    program = ready(host=ANY_ADDRESS, words=["--allow-anonymous"])

    assert statuses(program) == {200}
    assert len(program.logged("anonymous_access_enabled")) == 1


def test_server_starts_neither_open_nor_with_a_damaged_key_file_nor_a_variable_that_is_named_like_a_header(start, keys):
    confused, refused = start(environment={"HTTP_X_API_KEY": "a.SECRET"}), start(host=ANY_ADDRESS)
    assert confused.process.wait(10) == refused.process.wait(10) == 2
    keys.path.parent.mkdir(exist_ok=True)
    keys.path.write_text("{")
    damaged = start()
    assert damaged.process.wait(10) == 4

    for program, named in ((confused, "HTTP_X_API_KEY"), (refused, "endeavour keys add"), (damaged, "keys.json")):
        assert named in program.err  # the thread that writes the log may write its first line after it
        assert "Traceback" not in program.err
        assert "SECRET" not in program.err
