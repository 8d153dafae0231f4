import io

import pytest
from rich.console import Console

from domain.sgd import Progress
from entrypoints import signals
from entrypoints.cli import progress


@pytest.fixture
def terminal(monkeypatch):
    """Replace standard error by a terminal, and return what it has been sent."""
    sent = io.StringIO()
    monkeypatch.setattr(progress, "Console", lambda stderr: Console(file=sent, force_terminal=True, width=100))
    return sent


def test_terminal_shows_rows_passes_loss_and_certificate(terminal):
    with progress.shown_progress() as on_progress:
        on_progress(Progress("certificate", 1, 1_400_000, 0.249, 1.8e-8))

    assert "certificate · passes 1 · rows 1,400,000 · loss 0.249 · excess 1.8e-08" in terminal.getvalue()


def test_what_is_not_known_yet_is_left_out(terminal):
    with progress.shown_progress() as on_progress:
        on_progress(Progress("descent", 0, 5_000, None, None))

    assert "descent · passes 0 · rows 5,000 " in terminal.getvalue()
    assert "loss" not in terminal.getvalue()


def test_nothing_is_shown_where_there_is_no_terminal(capsys):
    with progress.shown_progress() as on_progress:
        on_progress(Progress("descent", 0, 5_000, None, None))

    assert capsys.readouterr() == ("", "")


def test_signal_that_was_swallowed_ends_the_fit_at_the_next_word(monkeypatch):
    monkeypatch.setattr(signals, "_received", [2])

    with pytest.raises(KeyboardInterrupt), progress.shown_progress() as on_progress:
        on_progress(Progress("descent", 0, 5_000, None, None))
