"""Table scorer: scores the files of a table, here or on other machines, and continues a run that was killed."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from adapters.host.whole_file import remove_abandoned
from adapters.pyarrow.csv_files import encoding_named
from adapters.pyarrow.read_errors import read_errors_of
from adapters.pyarrow.scoring.file_task import FileTask, ScoringOptions, ScoringPlan
from adapters.pyarrow.scoring.files_here import FilesHere
from adapters.pyarrow.scoring.output_files import folder_of, make_folder, require_writable, write_errors_of
from adapters.pyarrow.scoring.output_folder import OutputFolder
from adapters.pyarrow.scoring.output_probe import output_probe
from adapters.pyarrow.scoring.score_file import score_file
from adapters.pyarrow.scoring.table_progress import TableProgress
from adapters.pyarrow.table_files import find_table_files, partition_of, read_each
from adapters.pyarrow.table_path import TablePath
from domain.data.column_names import clean_text
from domain.data.columns import MISSING_MARKERS
from domain.errors import InvalidParameter
from domain.model.model_version import ModelVersion
from domain.model.prediction_intervals import PredictionIntervals
from domain.model.scoring import BOUNDS, PREDICTION, OnBadRow, OutputFormat, Scored, ScoredTable
from domain.ports import BatchScorer, FileRunner
from domain.ports.scoring import OnScored


class TableScorer(BatchScorer):
    """The Parquet or CSV files at a place, and a folder for one scored file for each of them.

    Parameters
    ----------
    place : str
        A file, a directory, or a pattern such as ``data/**/*.parquet``.
    output : str
        A folder, which is made if it is missing.
    program : str
        Version of the program, for the record of each scored file.
    runner : callable
        Returns what runs the scoring of the files, and is called after data and folder are checked. By default, this
        process scores one file after the other.
    keep : sequence of str
        Columns that the scored files have before the prediction.
    format : {'csv', 'parquet'}, optional
        Of the scored files; by default that of the table.
    overwrite : bool
        Whether scored files of another model, and files of others, may be replaced.
    na : sequence of str, optional
        Texts of an empty cell; by default `MISSING_MARKERS`.
    encoding : str
        Of CSV files.
    interval : float, optional
        Level of prediction intervals, whose ends are written too.

    Raises
    ------
    InvalidParameter
        If the encoding is unknown, or a kept column repeats or is named like one that is predicted.
    """

    def __init__(
        self,
        place: str,
        output: str,
        program: str,
        runner: Callable[[], FileRunner] = FilesHere,
        *,
        keep: Sequence[str] = (),
        format: OutputFormat | None = None,  # noqa: A002  # the option's name
        overwrite: bool = False,
        na: Sequence[str] | None = None,
        encoding: str = "utf-8",
        interval: float | None = None,
    ) -> None:
        self._place, self._output, self._format = place, output, format
        self._program, self._overwrite = program, overwrite
        self._runner = runner
        self._keep, self._level = _kept(keep, (PREDICTION,) if interval is None else (PREDICTION, *BOUNDS)), interval
        self._markers = ("", *(MISSING_MARKERS if na is None else na))
        self._encoding = encoding_named(encoding)

    def score(self, version: ModelVersion, on_bad_row: OnBadRow, on_progress: OnScored) -> ScoredTable:
        """Score the files that are not complete."""
        folder, plan = OutputFolder(self._output, self._place, self._format), self._plan(version, on_bad_row)
        tasks = self._tasks(folder)
        progress = TableProgress(_rows(plan, tasks), on_progress)
        with write_errors_of(folder.path):
            if not self._overwrite:
                folder.require_own([task.target for task in tasks], version.model.digest)
            runner = self._runner()
            _prepare(folder, tasks)
        try:
            files = runner.run(partial(score_file, plan), tasks, output_probe(folder.path), progress)
        finally:
            with suppress(OSError):
                _remove_abandoned(folder, tasks)
        counts = sum((file.counts for file in files), Scored())
        with write_errors_of(folder.path):
            folder.complete(self._facts(version, len(files), counts, on_bad_row))
        return ScoredTable(str(folder.path), counts, len(files), sum(file.was_complete for file in files))

    def _plan(self, version: ModelVersion, on_bad_row: OnBadRow) -> ScoringPlan:
        options = ScoringOptions(self._keep, self._markers, self._encoding, on_bad_row, self._level)
        intervals = None if self._level is None else PredictionIntervals.of(version, self._level)
        return ScoringPlan(version.name, version.model, options, self._program, intervals)

    def _tasks(self, folder: OutputFolder) -> list[FileTask]:
        with read_errors_of(self._place):
            sources = find_table_files(self._place)
        with write_errors_of(folder.path):
            targets = folder.targets(sources)
        return [
            FileTask(source, target, folder.name_of(source), partition_of(source, self._place))
            for source, target in zip(sources, targets, strict=True)
        ]

    def _facts(self, version: ModelVersion, files: int, counts: Scored, on_bad_row: OnBadRow) -> dict[str, object]:
        return {
            "version": version.name,
            "digest": version.model.digest,
            "program": self._program,
            "on_bad_row": on_bad_row,
            **({} if self._level is None else {"interval": self._level}),
            "files": files,
            **counts.as_dict(),
        }


def _rows(plan: ScoringPlan, tasks: Sequence[FileTask]) -> list[int]:
    """Return the rows of each source, whose columns are checked."""
    return read_each(tasks, lambda task: task.open(plan).rows, is_remote=tasks[0].source.is_remote)


def _prepare(folder: OutputFolder, tasks: Sequence[FileTask]) -> None:
    """Make the folders, remove what killed runs left in them, and the mark of a complete run."""
    for path in _folders(folder, tasks):
        make_folder(path)
    _remove_abandoned(folder, tasks)
    require_writable(folder.path)
    folder.begin()


def _folders(folder: OutputFolder, tasks: Sequence[FileTask]) -> list[TablePath]:
    return sorted({folder.path, *(folder_of(task.target) for task in tasks)})


def _remove_abandoned(folder: OutputFolder, tasks: Sequence[FileTask]) -> None:
    """Remove the temporary files of processes that were killed; an object store has none."""
    if not folder.path.is_remote:
        for path in _folders(folder, tasks):
            remove_abandoned(Path(str(path)))


def _kept(names: Sequence[str], predicted: Sequence[str]) -> tuple[str, ...]:
    kept = tuple(map(clean_text, names))
    if not set(kept).isdisjoint(predicted) or len(set(kept)) < len(kept):
        allowed = (
            f"different columns, none of which is named {' or '.join(predicted)}; rename such a column in the data"
        )
        raise InvalidParameter("keep", ",".join(kept), allowed)
    return kept
