"""Scorings of files that take their time or fail, for tests of a cluster."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from domain.model.errors import OutputUnavailable
from domain.model.scoring import FileScored, Scored
from domain.ports import FileRunner


def seen() -> str:
    """Check: every machine sees the folder."""
    return ""


def slowly(file: Path, on_rows: Callable[[int], None]) -> FileScored:
    """Score a file in 30 s; while it is scored there is a file `begun-…` beside it, and then a file `ended-…`."""
    begun = file.with_name(f"begun-{file.name}")
    begun.touch()
    try:
        for row in range(300):
            time.sleep(0.1)
            on_rows(row)
    finally:
        begun.rename(file.with_name(f"ended-{file.name}"))
    return FileScored(Scored(300), was_complete=False)


def on_a_full_disk(file: Path, on_rows: Callable[[int], None]) -> FileScored:
    """Fail as a scoring whose file cannot be written."""
    raise OutputUnavailable(str(file), "no space")


class Slow(FileRunner):
    """Runs scorings that pause for half a second after each batch of rows."""

    def __init__(self, runner: FileRunner) -> None:
        self.runner = runner

    def run(self, work, files, output, on_file):
        return self.runner.run(_Paused(work), files, output, on_file)


class _Paused:
    def __init__(self, work: Any) -> None:
        self.work = work

    def __call__(self, file: Any, on_rows: Callable[[int], None]) -> FileScored:
        return self.work(file, lambda rows: (time.sleep(0.5), on_rows(rows)))
