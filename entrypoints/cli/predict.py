"""Command `endeavour predict`: predicts rows without a server."""

import re
import sys
from collections.abc import Sequence

import click
import orjson

from application.serving.predict_rows import predict_values
from domain.data.arrays import FloatArray
from domain.data.number_text import number_text
from domain.delivery.errors import NoModelLoaded
from domain.features.encoding import Encoding
from domain.model.errors import InvalidRow
from domain.model.explanation import Explanation, explain
from domain.model.prediction_input import PredictionInput, input_values
from entrypoints.cli.output import as_json, in_columns, show
from entrypoints.container import Container

# Rows of a command count from 1, as those of a table do; rows of a request count from 0, as members of its list.
FIRST = 1


@click.command()
@click.argument("rows")
@click.option("--version", help="Predict with this version.  [default: the one in production]")
@click.option("--explain", "explained", is_flag=True, help="Show what each column contributes to each prediction.")
@as_json
@click.pass_obj
def predict(container: Container, /, rows: str, version: str | None, explained: bool, as_json: bool) -> None:
    """Predict ROWS: JSON as X in POST /batch (a list of rows), one row as X in POST /stream, or - for standard input.

    \b
    Examples:
      endeavour predict 0.2
      endeavour predict '[0.2, 0.5]'
      endeavour predict '[{"area": 120, "city": "Oslo", "sold": "2024-05-01"}, {"area": null}]' --version 3 --explain
    """
    wanted = _rows(sys.stdin.read() if rows == "-" else rows)
    store = container.store()
    chosen = store.load(version) if version else store.champion()
    if chosen is None:
        raise NoModelLoaded
    model, explanation = chosen.model, None
    try:
        inputs = _inputs(wanted, model.encoding)
        values = predict_values(model, inputs).tolist()
        if explained:
            explanation = explain(model, inputs)
    except InvalidRow as error:
        raise InvalidRow(error.row + FIRST, error.field, error.why) from error
    facts = {"version": chosen.name, "result": values}
    if explanation is None:
        show(as_json, facts, "\n".join(map(repr, values)))
    else:
        facts |= {"base": explanation.base, "contributions": explanation.rows()}
        show(as_json, facts, _explained(values, explanation))


def _explained(values: Sequence[float], explanation: Explanation) -> str:
    """Return a line for each prediction, and below it what adds up to it, the largest contribution first."""
    parts = []
    for value, row in zip(values, explanation.rows(), strict=True):
        largest = sorted(row.items(), key=lambda item: -abs(item[1]))
        lines = [("typical values", explanation.base), *((name, part) for name, part in largest if part)]
        parts.append(f"{value!r}\n{in_columns([('', _signed(part), name) for name, part in lines])}")
    return "\n".join(parts)


def _signed(number: float) -> str:
    return f"{'+' if number > 0 else ''}{number_text(number)}"


def _rows(text: str) -> PredictionInput:
    """Return the rows in `text`, a single one in a list of its own, as the server reads them."""
    from entrypoints.web.wire.schemas import batch_schema, load_rows

    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise click.BadParameter(f"{error.msg}; write JSON such as 0.2 or '[0.2, 0.5]'", param_hint="ROWS") from error
    rows: PredictionInput = load_rows(batch_schema(sys.maxsize), {"X": value if isinstance(value, list) else [value]})
    return rows


def _inputs(rows: PredictionInput, encoding: Encoding) -> FloatArray:
    from entrypoints.web.wire.problems import ProblemError

    try:
        return input_values(rows, encoding)
    except ProblemError as error:
        detail = re.sub(r"X\[(\d+)\]", lambda found: f"row {int(found[1]) + FIRST}", error.detail)
        raise click.BadParameter(detail, param_hint="ROWS") from error
