"""Files here: this process scores one file after the other, in their order."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial

from domain.model.scoring import FileProgress, FileScored
from domain.ports.scoring import F, FileRunner, FileWork, OnFile, OutputCheck


class FilesHere(FileRunner):
    """Scores files in this process, which sees the folder of the scored files."""

    def run(
        self,
        work: FileWork[F],
        files: Sequence[F],
        output: AbstractContextManager[OutputCheck],  # noqa: ARG002  # for other machines
        on_file: OnFile,
    ) -> list[FileScored]:
        """Return what `work` returns for each of the files; `on_file` is called after each batch of rows."""
        return [_scored(partial(work, file), number, on_file) for number, file in enumerate(files)]


def _scored(score: Callable[[Callable[[int], None]], FileScored], number: int, on_file: OnFile) -> FileScored:
    on_file(FileProgress(number, 0))
    scored = score(lambda rows: on_file(FileProgress(number, rows)))
    on_file(FileProgress(number, scored.counts.rows, is_complete=True))
    return scored
