import io

import pytest

from domain.learning.fit import Progress
from entrypoints import signals
from entrypoints.cli import progress

KNOWN = Progress("certificate", 1, 1_400_000, 0.249, 1.8e-8)
UNKNOWN = Progress("descent", 0, 5_000, None, None)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown(monkeypatch, *notes):
    """Return the lines that a terminal of 80 columns shows one after the other."""
    monkeypatch.setattr("sys.stderr", Terminal())
    with progress.shown_progress() as on_progress:
        for note in notes:
            on_progress(note)
    written = progress.sys.stderr.getvalue().split("\r")
    assert {len(line) for line in written} == {0, 79}
    return [line.rstrip() for line in written if line]


def test_terminal_shows_what_is_known_on_one_line_and_nothing_in_the_end(monkeypatch):
    assert shown(monkeypatch, UNKNOWN, KNOWN) == [
        "reading",
        "descent · passes 0 · rows 5,000",
        "certificate · passes 1 · rows 1,400,000 · loss 0.249 · excess 1.8e-08",
        "",
    ]


def test_nothing_is_shown_where_there_is_no_terminal(capsys):
    with progress.shown_progress() as on_progress:
        on_progress(UNKNOWN)

    assert capsys.readouterr() == ("", "")


def test_signal_that_was_swallowed_ends_the_fit_at_the_next_note(monkeypatch):
    monkeypatch.setattr(signals, "_received", [2])

    with pytest.raises(KeyboardInterrupt), progress.shown_progress() as on_progress:
        on_progress(UNKNOWN)
