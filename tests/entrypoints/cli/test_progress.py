import io

import pytest

from domain.learning.fit import Progress
from domain.model.scoring import ScoringProgress
from entrypoints import signals
from entrypoints.cli import progress

KNOWN = Progress("certificate", 1, 1_400_000, 0.249, 1.8e-8)
UNKNOWN = Progress("descent", 0, 5_000, None, None)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown(monkeypatch, *notes, context=progress.shown_progress):
    """Return the lines that a terminal of 80 columns shows one after the other."""
    monkeypatch.setattr("sys.stderr", Terminal())
    with context() as on_progress:
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


def test_scoring_shows_a_bar_and_the_share_of_rows(monkeypatch):
    notes = (ScoringProgress(1_400_000, 5_600_000, 2, 8), ScoringProgress(0, 0, 0, 1))

    assert shown(monkeypatch, *notes, context=progress.shown_scoring) == [
        "reading",
        f"{'━' * 6}{'╌' * 18} 25 % · rows 1,400,000 of 5,600,000 · files 2 of 8",
        f"{'━' * 24} 100 % · rows 0 of 0 · files 0 of 1",
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
