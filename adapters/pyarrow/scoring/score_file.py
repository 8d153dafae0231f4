"""File scoring: one file of a table is read, predicted and written, unless an earlier run has done it."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from adapters.pyarrow.csv_files import UnfitNumbers
from adapters.pyarrow.scoring.file_predictor import FilePredictor
from adapters.pyarrow.scoring.file_task import FileTask, ScoringPlan
from adapters.pyarrow.scoring.output_files import output_file, write_errors_of
from adapters.pyarrow.scoring.scored_files import (
    Record,
    ScoredCsv,
    ScoredFile,
    ScoredParquet,
    is_parquet_name,
    read_record,
)
from adapters.pyarrow.scoring.table_file import TableFile
from adapters.pyarrow.table_path import TablePath
from domain.model.scoring import BOUNDS, PREDICTION, FileScored, Scored


def score_file(plan: ScoringPlan, task: FileTask, on_rows: Callable[[int], None] = lambda _: None) -> FileScored:
    """Score the file unless its target is complete; `on_rows` receives the number of rows that are done.

    Raises
    ------
    InvalidData
        If the source cannot be read, or has a cell of another kind, or a bad row and the policy is to stop.
    OutputUnavailable
        If the target cannot be written; it is then as it was.
    """
    source = task.open(plan)
    origin = {
        "version": plan.version,
        "digest": plan.model.digest,
        "input": task.name,
        "input_digest": source.digest,
        "options": plan.options.text,
    }
    with write_errors_of(task.target):
        record = read_record(task.target)
        if record is not None and origin.items() <= record.items():
            return FileScored(Scored(**json.loads(record["counts"])), was_complete=True)
        try:
            return FileScored(_write(plan, task, source, origin, on_rows), was_complete=False)
        except UnfitNumbers:
            return FileScored(_write(plan, task, source.as_text(), origin, on_rows), was_complete=False)


def _write(
    plan: ScoringPlan, task: FileTask, source: TableFile, origin: Record, on_rows: Callable[[int], None]
) -> Scored:
    names = (PREDICTION, *BOUNDS) if plan.intervals else (PREDICTION,)
    schema = pa.schema([*source.kept_fields, *(pa.field(name, pa.float64()) for name in names)])
    scored, predictor = Scored(), FilePredictor(plan, task, source)
    with output_file(task.target) as path, _scored_file(task.target, path, schema, source.delimiter) as file:
        for batch in source.batches():
            predictions, counts = predictor.predict(batch)
            file.write(pa.record_batch([*batch.kept, *predictions], schema=schema))
            scored += counts
            on_rows(scored.rows)
        level = {} if plan.options.level is None else {"interval": str(plan.options.level)}
        counted = {"rows": scored.rows, "bad_rows": scored.bad_rows, "counts": json.dumps(scored.as_dict())}
        file.finish(
            {**origin, "program": plan.program, **level, **{name: str(value) for name, value in counted.items()}}
        )
    return scored


def _scored_file(target: TablePath, path: Path, schema: pa.Schema, delimiter: str) -> ScoredFile:
    return ScoredParquet(path, schema) if is_parquet_name(target) else ScoredCsv(path, schema, target, delimiter)
