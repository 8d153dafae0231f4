import json
import logging

import pytest

from entrypoints import logs


@pytest.fixture
def root():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield root
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.usefixtures("root")
def test_record_is_one_json_line_with_its_facts(capsys):
    logs.configure("INFO")

    logging.getLogger("application").info("model_promoted", extra={"version": "7", "reasons": ("a", "b")})

    (line,) = capsys.readouterr().err.splitlines()
    facts = json.loads(line)
    assert (facts["event"], facts["level"], facts["version"], facts["reasons"]) == (
        "model_promoted",
        "info",
        "7",
        ["a", "b"],
    )
    assert facts["timestamp"].endswith("Z")


@pytest.mark.usefixtures("root")
def test_level_is_respected(capsys):
    logs.configure("WARNING")

    logging.getLogger("application").info("chatter")

    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("root")
def test_exception_stays_on_one_line(capsys):
    logs.configure("INFO")

    logging.getLogger("x").error("failed", exc_info=ValueError("two\nlines"))

    (line,) = capsys.readouterr().err.splitlines()
    assert "ValueError" in json.loads(line)["exception"]


@pytest.mark.usefixtures("root")
def test_terminal_obeys_no_text_of_a_client(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    logs.configure("INFO")

    logging.getLogger("any").info("request", extra={"path": "/\x9b2J\x1b[2J"})

    said = capsys.readouterr().err
    assert "\x9b" not in said
    assert "\x1b[2J" not in said
    assert "u009b2J" in said


@pytest.mark.usefixtures("root")
def test_text_of_a_client_makes_no_line_of_its_own(capsys):
    logs.configure("INFO")
    text = "a\n\r\v\f\x1c\x1d\x1e\x85\x9b\u2028\u2029Größe"

    logging.getLogger("x").info("request", extra={"path": text})

    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["path"] == text
    assert line.isprintable()
