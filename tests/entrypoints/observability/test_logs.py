import json
import logging
import os

import pytest

from entrypoints.observability import logs

pytestmark = pytest.mark.usefixtures("root_logger")

log = logging.getLogger("application")


@pytest.fixture
def printed(capsys):
    """A function that returns the lines on standard error."""

    def read():
        return capsys.readouterr().err.splitlines()

    return read


def test_record_of_the_level_is_one_json_line_with_its_members(printed):
    logs.configure("INFO")

    log.debug("chatter")
    log.info("model_promoted", extra={"version": "7", "reasons": ("a", "b")})

    (line,) = printed()
    members = json.loads(line)
    assert members.pop("timestamp").endswith("Z")
    assert members == {"event": "model_promoted", "level": "info", "version": "7", "reasons": ["a", "b"]}


def test_line_of_a_worker_has_its_process_id_and_a_warning_that_doctor_explains_names_it(printed):
    logs.configure("INFO", with_pid=True)

    log.info("serving")
    log.warning("serving")
    log.error("worker_stuck", extra={"pid": 1})

    found = [json.loads(line) for line in printed()]
    assert [line["pid"] for line in found] == [os.getpid(), os.getpid(), 1]
    assert [line.get("help") for line in found] == [None, "endeavour doctor", None]


def test_text_and_exceptions_make_no_line_of_their_own(printed):
    logs.configure("INFO")
    text = "a\n\r\v\f\x1c\x1d\x1e\x85\x9b\u2028\u2029Größe"

    log.error("failed", exc_info=ValueError("two\nlines"), extra={"path": text})

    (line,) = printed()
    assert line.isprintable()
    members = json.loads(line)
    assert members["path"] == text
    assert "ValueError" in members["exception"]


def test_line_on_a_terminal_is_short_and_holds_no_control_character(printed, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    logs.configure("INFO")
    request = {"request_id": "a", "route": "other", "method": "GET", "path": "/a b\n", "status": 404, "ms": 0.5}

    log.info("request", extra=request)
    log.info("serving", extra={"version": "7", "why": ""})
    log.error("request\x9b", exc_info=ValueError("\x1b[2J"), extra={"path": "/\x9b2J\x1b[2J\nX"})

    *lines, traceback = (line.partition(" ")[2] for line in printed())
    assert lines == [r"GET '/a b\n' 404 ms=0.5", "serving version=7", r"ERROR request\u009b path='/\x9b2J\x1b[2J\nX'"]
    assert traceback == r"\u001b[2J"
