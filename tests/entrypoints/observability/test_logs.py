import json
import logging

import pytest

from entrypoints.observability import logs


@pytest.fixture(autouse=True)
def root():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield root
    root.handlers[:] = handlers
    root.setLevel(level)


def test_record_of_the_level_is_one_json_line_with_its_facts(capsys):
    logs.configure("INFO")
    log = logging.getLogger("application")

    log.debug("chatter")
    log.info("model_promoted", extra={"version": "7", "reasons": ("a", "b")})

    (line,) = capsys.readouterr().err.splitlines()
    facts = json.loads(line)
    assert facts.pop("timestamp").endswith("Z")
    assert facts == {"event": "model_promoted", "level": "info", "version": "7", "reasons": ["a", "b"]}


def test_text_and_exceptions_make_no_line_of_their_own(capsys):
    logs.configure("INFO")
    text = "a\n\r\v\f\x1c\x1d\x1e\x85\x9b\u2028\u2029Größe"

    logging.getLogger("x").error("failed", exc_info=ValueError("two\nlines"), extra={"path": text})

    (line,) = capsys.readouterr().err.splitlines()
    assert line.isprintable()
    facts = json.loads(line)
    assert facts["path"] == text
    assert "ValueError" in facts["exception"]


def test_terminal_obeys_no_text_of_others(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    logs.configure("INFO")

    logging.getLogger("any").error("request\x9b", exc_info=ValueError("\x1b[2J"), extra={"path": "/\x9b2J\x1b[2J\nX"})

    first, *traceback = capsys.readouterr().err.splitlines()
    assert first.endswith(r" error    request\u009b path='/\x9b2J\x1b[2J\nX'")
    assert traceback == [r"ValueError: \u001b[2J"]
