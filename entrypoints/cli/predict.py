"""Command `endeavour predict`: predicts rows, or every row of a table, without a server."""

import re
import sys
from collections.abc import Sequence
from typing import Any, get_args

import click
import orjson

from application.serving.predict_rows import predict_values
from domain.data.arrays import FloatArray
from domain.data.number_text import number_text
from domain.delivery.chosen_version import chosen_version
from domain.features.encoding import Encoding
from domain.model.calibration import MAX_LEVEL, MIN_LEVEL
from domain.model.errors import InvalidRow
from domain.model.explanation import Explanation, explain
from domain.model.prediction_input import PredictionInput, input_values
from domain.model.prediction_intervals import prediction_intervals
from domain.model.scoring import OnBadRow, OutputFormat
from entrypoints.cli.cluster_name import validated_cluster
from entrypoints.cli.finite_range import FiniteRange
from entrypoints.cli.output import as_json, in_columns, show
from entrypoints.cli.score_data import score_data
from entrypoints.container import Container

# Rows of a command count from 1, as those of a table do; rows of a request count from 0, as members of its list.
FIRST = 1


class _Predict(click.Command):
    """Command that takes a row such as -0.5, which click would read as an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.ignore_unknown_options = any(re.match(r"-\d", arg) for arg in args)
        return super().parse_args(ctx, args)


@click.command(cls=_Predict)
@click.argument("rows", required=False)
@click.option("--version", help="Predict with this version.  [default: the one in production]")
@click.option("--explain", "explained", is_flag=True, help="Show what each column contributes to each prediction.")
@click.option(
    "--interval",
    type=FiniteRange(MIN_LEVEL, MAX_LEVEL),
    metavar="LEVEL",
    help="Show or write the range that holds the target with this probability, from 0.5 to 0.99.",
)
@click.option(
    "--data",
    metavar="PLACE",
    help="Predict a CSV or Parquet file, a folder of them, or a pattern like 'data/*.parquet', instead of ROWS; also "
    "s3://, gs:// and abfs://.",
)
@click.option("--output", metavar="FOLDER", help="With --data: one file of predictions for each file; also s3://…")
@click.option("--keep", metavar="COLUMNS", help="Columns to write before the prediction, as a,b,c.")
@click.option(
    "--on-bad-row",
    type=click.Choice(get_args(OnBadRow)),
    help="At an empty, infinite or too large cell: stop, or predict null and count the row.  [default: stop]",
)
@click.option(
    "--format", type=click.Choice(get_args(OutputFormat)), help="Format of the output.  [default: that of the data]"
)
@click.option("--overwrite", is_flag=True, help="Replace predictions of another model, and other files.")
@click.option("--na", metavar="TEXTS", help="Texts of an empty cell, as a,b,c.  [default: NA, N/A, NaN, null, …]")
@click.option("--encoding", help="Encoding of CSV files.  [default: utf-8]")
@click.option(
    "--dask",
    metavar="CLUSTER",
    callback=validated_cluster,
    help="With --data: Dask cluster whose workers score a file each; local:4 starts 4 workers here, tls://HOST:PORT "
    "is a scheduler.  [default: ENDEAVOUR_DASK]",
)
@as_json
@click.pass_obj
def predict(
    container: Container,
    /,
    rows: str | None,
    version: str | None,
    explained: bool,
    interval: float | None,
    data: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Predict ROWS: JSON as X in POST /batch (a list of rows), one row as X in POST /stream, or - for standard input.

    With --data and --output, predict every row of a table; a run that was killed continues where it ended.

    \b
    Examples:
      endeavour predict 0.2
      endeavour predict '[0.2, 0.5]' --interval 0.9
      endeavour predict '[{"area": 120, "city": "Oslo", "sold": "2024-05-01"}, {"area": null}]' --version 3 --explain
      endeavour predict --data 'in/*.parquet' --output out --keep id,day --on-bad-row null
      endeavour predict --data 'in/*.parquet' --output out --dask local:4
    """
    if (rows is None) == (data is None):
        raise click.UsageError("give either ROWS or --data")
    if data is not None:
        if explained:
            raise click.UsageError("--explain goes with ROWS")
        score_data(container, data=data, version=version, as_json=as_json, interval=interval, **options)
        return
    if named := [name for name, value in options.items() if value]:
        raise click.UsageError(f"--{named[0].replace('_', '-')} goes with --data")
    _predict_rows(container, str(rows), version, explained=explained, level=interval, as_json=as_json)


def _predict_rows(
    container: Container, rows: str, version: str | None, *, explained: bool, level: float | None, as_json: bool
) -> None:
    wanted = _rows(sys.stdin.read() if rows == "-" else rows)
    store = container.store()
    chosen = chosen_version(version, store.load, store.champion)
    model, explanation, bounds = chosen.model, None, None
    try:
        inputs = _inputs(wanted, model.encoding)
        values = predict_values(model, inputs).tolist()
        if level is not None:
            bounds = prediction_intervals(chosen, inputs, level).tolist()
        if explained:
            explanation = explain(model, inputs)
    except InvalidRow as error:
        raise InvalidRow(error.row + FIRST, error.field, error.why) from error
    facts = {"version": chosen.name, "result": values} | ({} if bounds is None else {"interval": bounds})
    texts = list(map(repr, values))
    if bounds is not None:
        texts = [f"{text} {pair}" for text, pair in zip(texts, bounds, strict=True)]
    if explanation is None:
        show(as_json, facts, "\n".join(texts))
    else:
        facts |= {"base": explanation.base, "contributions": explanation.rows()}
        show(as_json, facts, _explained(texts, explanation))


def _explained(texts: Sequence[str], explanation: Explanation) -> str:
    """Return a line for each prediction, and below it what adds up to it, the largest contribution first."""
    parts = []
    for text, row in zip(texts, explanation.rows(), strict=True):
        largest = sorted(row.items(), key=lambda item: -abs(item[1]))
        lines = [("typical values", explanation.base), *((name, part) for name, part in largest if part)]
        parts.append(f"{text}\n{in_columns([('', _signed(part), name) for name, part in lines])}")
    return "\n".join(parts)


def _signed(number: float) -> str:
    return f"{'+' if number > 0 else ''}{number_text(number)}"


def _rows(text: str) -> PredictionInput:
    """Return the rows in `text`, a single one in a list of its own, as the server reads them."""
    from entrypoints.web.wire.row_schemas import batch_schema

    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise click.BadParameter(f"{error.msg}; write JSON such as 0.2 or '[0.2, 0.5]'", param_hint="ROWS") from error
    body = {"X": value if isinstance(value, list) else [value]}
    rows: PredictionInput = batch_schema(sys.maxsize).load(body)["X"]
    return rows


def _inputs(rows: PredictionInput, encoding: Encoding) -> FloatArray:
    from entrypoints.web.wire.problems import ProblemError

    try:
        return input_values(rows, encoding)
    except ProblemError as error:
        detail = re.sub(r"X\[(\d+)\]", lambda found: f"row {int(found[1]) + FIRST}", error.detail)
        raise click.BadParameter(detail, param_hint="ROWS") from error
