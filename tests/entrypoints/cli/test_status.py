"""Command `status`: what a server answers, in words and as JSON, and servers that do not answer so."""

import json
import threading
from contextlib import contextmanager
from dataclasses import replace
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from adapters.memory.key_store import InMemoryKeyStore
from application.access.issue_key import IssueKey
from domain.access.api_key import Role
from domain.monitoring.facts import Replica
from entrypoints.cli.exit_codes import ExitCode
from entrypoints.web.app import create_app
from tests.support.examples import NOON, a_model
from tests.support.mlflow.servers import answering
from tests.support.program import free_port
from tests.support.web.dependencies import served_models, web_dependencies


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def web():
    web = web_dependencies()
    web.current_model.replace(served_models(a_model()))
    return web


@contextmanager
def served(web):
    with make_server("127.0.0.1", 0, create_app(web), handler_class=Quiet) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def url(web):
    with served(web) as url:
        yield url


def test_condition_comes_first(endeavour, url):
    code, out, _ = endeavour("status", "--url", url)

    lines = out.splitlines()
    assert code == 0
    assert lines[0] == "Ready. Version 7 predicts progression from bmi."
    assert lines[2] == "0 requests a second; in the last 1 min 0 answered, 0 failed; web-1 only"
    assert lines[4].split() == ["7", "champion", "100", "%", "0", "0", "0.4726"]
    assert lines[5].endswith("The server on web-1 was started.")


def test_hosts_of_the_service_have_a_line_of_their_own(endeavour, web):
    others = tuple(Replica(name, "7", silent_seconds=age) for name, age in (("web-2", 4.0), ("web-3", 30.0)))
    web = replace(web, report_status=replace(web.report_status, replicas=lambda: others))
    with served(web) as url:
        _, out, _ = endeavour("status", "--url", url)

    assert out.splitlines()[3] == (
        "0 requests a second on all; 0 answered, 0 failed; "
        "figures of 2 of 3 hosts, read up to 4 seconds ago; without web-3"
    )


def test_server_of_this_machine_is_asked_by_default(endeavour, url, monkeypatch):
    monkeypatch.setenv("ENDEAVOUR_PORT", url.rpartition(":")[2])

    code, out, _ = endeavour("status", "--json")

    assert (code, json.loads(out)["condition"]["kind"]) == (0, "new")


def test_several_servers_are_a_list(endeavour, url):
    _, out, _ = endeavour("status", "--json", "--url", url, "--url", f"{url}/")

    assert [answer["scope"]["name"] for answer in json.loads(out)] == ["web-1", "web-1"]


def test_server_that_needs_an_operator_ends_with_5(endeavour, web, url):
    web.current_model.withdraw("no champion is known")

    code, out, _ = endeavour("status", "--url", url)

    assert code == ExitCode.FAULTS_FOUND
    assert out.startswith("Cannot predict: no model is loaded.\nno champion is known\n")


def test_server_with_keys_takes_one_from_a_file(endeavour, web, url, tmp_path):
    store = InMemoryKeyStore()
    key = IssueKey(store, lambda: NOON, bytes)("me", (Role.VIEW,)).text
    web.active_keys.ring = store.ring()
    (tmp_path / "key").write_text(f"{key}\n")

    assert endeavour("status", "--url", url, "--key-file", str(tmp_path / "key"))[0] == 0
    code, _, err = endeavour("status", "--url", url)
    assert (code, "--key-file" in err) == (ExitCode.REFUSED, True)


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (200, b"<html>", "not JSON"),
        (200, b"[]", "not an object"),
        (200, b'{"condition": {"kind": "well"}}', "not that of this release"),
        (303, b"", "answers 303"),
    ],
)
def test_answer_that_is_no_status_is_named(endeavour, status, body, why):
    with answering(lambda handler: handler.reply(status, body, Location="http://127.0.0.1:1/")) as url:
        code, out, err = endeavour("status", "--url", url)

    assert (code, out) == (ExitCode.UNAVAILABLE, "")
    assert why in err


def test_server_that_is_away_is_named(endeavour):
    code, _, err = endeavour("status", "--url", f"http://127.0.0.1:{free_port()}")

    assert code == ExitCode.UNAVAILABLE
    assert "the connection failed; `endeavour serve` starts a server here" in err


def test_address_needs_a_scheme(endeavour):
    code, _, err = endeavour("status", "--url", "web-1:8000")

    assert (code, "http://" in err) == (ExitCode.BAD_INPUT, True)


def test_answer_that_takes_too_long_is_named(endeavour, monkeypatch):
    monkeypatch.setattr("entrypoints.cli.server_answer.SECONDS", 0.05)
    ended = threading.Event()
    with answering(lambda handler: ended.wait(5)) as url:
        code, _, err = endeavour("status", "--url", url)
        ended.set()

    assert (code, "no answer within 0.05 s" in err) == (ExitCode.UNAVAILABLE, True)
