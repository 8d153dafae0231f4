"""Secrets of the environment, which no output shows, although a library repeats them in an error."""

import contextlib
import io
import json
import logging
import os
import sys
import threading
from unittest import mock
from urllib.parse import quote

import pytest
from dependency_injector import providers
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.files.last_known_good import FileLastKnownGood
from adapters.files.sync_status import FileSyncStatus
from adapters.memory.model_store import InMemoryModelStore
from adapters.mlflow.remedies import MAX_CHARACTERS, first_line
from adapters.mlflow.server_access import ServerAccess
from application.registry_sync.sync_champion import SyncChampion
from domain.errors import StoreUnavailable
from entrypoints import credentials
from entrypoints.cli.main import run
from entrypoints.container import Container
from entrypoints.observability import logs
from tests.domain.access.test_redaction import spellings

PLACES = {
    "MLFLOW_TRACKING_TOKEN": "{0}",
    "MLFLOW_TRACKING_PASSWORD": "{0}",
    "MLFLOW_TRACKING_URI": "http://ada:{1}@127.0.0.1:9",
    "http_proxy": "http://:{1}@127.0.0.1:9",
    "AWS_SECRET_ACCESS_KEY": "{0}",
    "AWS_SESSION_TOKEN": "{0}",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path, root_logger):
    monkeypatch.setenv("ENDEAVOUR_DATA_DIR", str(tmp_path / "artifacts"))
    yield
    logging.captureWarnings(False)


def log_line(error):
    stream = io.StringIO()
    logs.configure("INFO", stream)
    log = logging.getLogger("any.library")
    log.error("it failed: %s", error, exc_info=error, extra={"why": error, "reasons": (str(error),)})
    return "".join(str(value) for value in json.loads(stream.getvalue()).values())


def crash(error):
    stream = io.StringIO()
    logs.configure("INFO", stream)
    with mock.patch.multiple(sys, excepthook=None), mock.patch.multiple(threading, excepthook=None):
        logs.log_crashes()
        sys.excepthook(type(error), error, None)
        threading.excepthook(threading.ExceptHookArgs((type(error), error, None, None)))
    first, second = stream.getvalue().splitlines()
    return json.loads(first)["exception"] + json.loads(second)["exception"]


def command(error, *words):
    class Away:
        def __getattr__(self, name):
            raise StoreUnavailable("the registry", str(error))

    container = Container()
    container.store.override(providers.Object(Away()))
    container.champion_source.override(providers.Object(Away()))
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        run(words, container)
    text = out.getvalue() + err.getvalue()
    return json.dumps(json.loads(text), ensure_ascii=False) if text.startswith("[") else text


def sync_report(error):
    """Return why the registry and the copy fail, as a sync process reports it to the workers."""
    status, registry, copy = (
        mock.create_autospec(port, instance=True) for port in (FileSyncStatus, InMemoryModelStore, FileLastKnownGood)
    )
    registry.champion_ref.side_effect = StoreUnavailable("the registry", str(error))
    copy.validate_writable.side_effect = StoreUnavailable("the copy", str(error))
    sync = SyncChampion(registry, status, copy, lambda: 0.0, credentials.redaction(os.environ))
    reason, report = sync().reason, sync()
    assert report.copy_problem
    return reason + report.copy_problem


OUTPUTS = {
    "log": log_line,
    "crash": crash,
    "command": lambda error: command(error, "models"),
    "doctor": lambda error: command(error, "doctor"),
    "doctor --json": lambda error: command(error, "doctor", "--json"),
    "sync report": sync_report,
    "reason": lambda error: first_line(error, credentials.redaction(os.environ)),
}


@pytest.mark.parametrize("output", OUTPUTS)
@settings(max_examples=12)
@given(
    st.sampled_from(sorted(PLACES)),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=2).map(lambda text: f"q{text}9z"),
)
@example("MLFLOW_TRACKING_TOKEN", "s3cr3t-t0ken\n")
@example("MLFLOW_TRACKING_URI", "hunter 2")
@example("MLFLOW_TRACKING_PASSWORD", "a'b\"c%20d\\n\re\u2028é")
def test_no_output_shows_a_secret(output, place, secret):
    given = PLACES[place].format(secret, quote(secret, safe=""))
    with mock.patch.dict(os.environ, {"MLFLOW_TRACKING_USERNAME": "", place: given}):
        forms = {secret.strip(), *spellings(secret)}
        # One secret lies across the limit on the length of a text.
        for text in (" ".join(forms), f"{'x' * (MAX_CHARACTERS - 8)}{secret}"):
            shown = OUTPUTS[output](ValueError(text))

            assert not any(form in shown for form in forms)
            assert f"x{secret[:4]}" not in shown


def test_header_of_basic_authentication_is_a_secret():
    for user, password in (("ada", "hunter 2"), ("ädä", "é:€"), ("ada", "x")):
        uri = f"http://{quote(user)}:{quote(password)}@127.0.0.1"

        header = ServerAccess.to(uri, {}).headers["Authorization"]

        assert header.removeprefix("Basic ") not in credentials.redaction({"MLFLOW_TRACKING_URI": uri}).text(header)


def test_passwords_in_mlflows_file_and_in_a_query_are_secrets_and_users_of_a_proxy_are_not(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".mlflow").mkdir()
    (tmp_path / ".mlflow/credentials").write_text(
        "[mlflow]\nmlflow_tracking_username = ada\nmlflow_tracking_password = hunter%2\n"
    )

    redaction = credentials.redaction(
        {"MLFLOW_TRACKING_URI": "postgresql://h/d?password=in%20query", "https_proxy": "http://default:pass@proxy"}
    )

    assert redaction.text("the default") == "the default"
    shown = redaction.text("hunter%2 and in query")
    assert "hunter" not in shown
    assert "query" not in shown


def test_commands_print_no_control_characters():
    error = StoreUnavailable("x", "\x1b]0;pwned\x07\x1b[31mRED\x9b2J\r")

    for words in (["models"], ["doctor"], ["doctor", "--json"], ["promote", "1", "\x1b[31m"], ["\x1b[31m"]):
        shown = command(error, *words)

        assert shown
        assert shown.replace("\n", "").isprintable()


def test_secrets_of_feedback_keys_are_redacted(tmp_path):
    path, secret = tmp_path / "feedback", "ab" * 32
    path.write_text(f"1:{secret}\n")

    assert secret not in credentials.redaction({"ENDEAVOUR_FEEDBACK_KEYS": f" {path}"}).text(f"key {secret}")
