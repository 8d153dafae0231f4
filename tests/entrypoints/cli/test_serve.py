import os
import socket

import pytest

from entrypoints.cli.main import run
from entrypoints.container import Container
from tests.support.program import free_port


@pytest.fixture(autouse=True)
def environment(artifacts, mocker):
    mocker.patch.dict(os.environ)  # options are written there


def test_dry_run_finds_a_taken_port_an_open_address_and_wrong_options_and_starts_nothing(
    capsys, artifacts, monkeypatch, caplog
):
    monkeypatch.setenv("ENDEAVOUR_PROT", "1")
    port = free_port()
    assert run(("serve", "--dry-run", "--port", str(port)), Container()) == 0
    assert [(record.message, record.variable) for record in caplog.records] == [("unknown_setting", "ENDEAVOUR_PROT")]
    assert capsys.readouterr() == ("", "")

    with socket.socket() as holder:
        holder.bind(("127.0.0.1", port))
        holder.listen()
        for words, message in (
            (("--port", str(port)), "address already in use"),
            (("--port", str(free_port()), "--host", "0.0.0.0"), "endeavour keys add"),  # noqa: S104  # it is rejected
            (("--workers", "0"), "--workers"),
        ):
            assert run(("serve", "--dry-run", *words), Container()) == 2
            assert message in capsys.readouterr().err
    assert not artifacts.exists()


def test_options_take_precedence_over_the_environment(monkeypatch):
    monkeypatch.setenv("ENDEAVOUR_PORT", "1")
    port, container = free_port(), Container()

    run(("serve", "--dry-run", "--host", "localhost", "--port", str(port), "--workers", "3"), container)

    settings = container.settings()
    assert (settings.host, settings.port, settings.workers) == ("localhost", port, 3)


def test_file_of_feedback_keys_that_is_none_is_found_by_the_dry_run(capsys, monkeypatch, tmp_path):
    path, secret = tmp_path / "feedback", "ab" * 32
    monkeypatch.setenv("ENDEAVOUR_FEEDBACK_KEYS", str(path))

    for text, code, message in (
        (None, 2, "cannot be read: no such file"),
        (secret, 2, "one or two lines NUMBER:SECRET"),
        (f"1:{secret}", 0, ""),
    ):
        if text is not None:
            path.write_text(text)
        assert run(("serve", "--dry-run", "--port", str(free_port())), Container()) == code
        err = capsys.readouterr().err
        assert message in err
        assert secret not in err
