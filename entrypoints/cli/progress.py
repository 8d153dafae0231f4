"""Progress of a fit, and of a scoring, on a terminal."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from domain.learning.fit import OnProgress, Progress
from domain.model.scoring import ScoringProgress
from domain.ports.scoring import OnScored
from entrypoints.signals import raise_pending_signal

# Characters of a progress bar.
BAR_WIDTH = 24


@contextmanager
def shown_progress() -> Iterator[OnProgress]:
    """Show rows, passes, loss and certificate on one line of a terminal, cleared at the end."""

    def on_progress(progress: Progress) -> None:
        raise_pending_signal()
        _show(_in_words(progress))

    _show("reading")
    try:
        yield on_progress
    finally:
        _show("")


@contextmanager
def shown_scoring() -> Iterator[OnScored]:
    """Show a bar, the share of rows, and the number of files on one line of a terminal, cleared at the end."""

    def on_progress(progress: ScoringProgress) -> None:
        raise_pending_signal()
        _show(_as_bar(progress))

    _show("reading")
    try:
        yield on_progress
    finally:
        _show("")


def _as_bar(progress: ScoringProgress) -> str:
    """Return one line, such as `━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 25 % · rows 1,400,000 of 5,600,000 · files 2 of 8`."""
    share = progress.rows / progress.all_rows if progress.all_rows else 1.0
    done = int(share * BAR_WIDTH)
    bar = "━" * done + "╌" * (BAR_WIDTH - done)
    rows, files = f"{progress.rows:,} of {progress.all_rows:,}", f"{progress.files} of {progress.all_files}"
    return f"{bar} {share:.0%} · rows {rows} · files {files}".replace("%", " %")


def _show(text: str) -> None:
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns - 1
        click.echo(f"\r{text[:width]:<{width}}\r", nl=False, err=True)


def _in_words(progress: Progress) -> str:
    """Return one line, such as `certificate · passes 1 · rows 1,400,000 · loss 0.249 · excess 1.8e-08`."""
    parts = [progress.phase, f"passes {progress.passes}", f"rows {progress.rows_seen:,}"]
    if progress.loss is not None:
        parts.append(f"loss {progress.loss:.6g}")
    if progress.relative_excess_loss is not None:
        parts.append(f"excess {progress.relative_excess_loss:.1e}")
    return " · ".join(parts)
