"""Command `endeavour predict`: predicts rows without a server."""

import re
import sys
from typing import Any

import click
import orjson

from application.serving.predict import predict_rows
from domain.delivery.errors import NoModelLoaded
from domain.model.errors import InvalidRow
from entrypoints.cli.output import as_json, show
from entrypoints.container import Container

# Rows of a command count from 1, as those of a table do; rows of a request count from 0, as members of its list.
FIRST = 1


@click.command()
@click.argument("rows")
@click.option("--version", help="Predict with this version.  [default: the one in production]")
@as_json
@click.pass_obj
def predict(container: Container, /, rows: str, version: str | None, as_json: bool) -> None:
    """Predict ROWS: JSON as X in POST /batch (a list of rows), one number or one object, or - for standard input.

    \b
    Examples:
      endeavour predict 0.2
      endeavour predict '[0.2, 0.5]'
      endeavour predict '[{"bmi": 0.1, "bp": 0.2}]' --version 3
    """
    wanted = _rows(sys.stdin.read() if rows == "-" else rows)
    store = container.store()
    chosen = store.load(version) if version else store.champion()
    if chosen is None:
        raise NoModelLoaded
    try:
        values = predict_rows(chosen.model, wanted).tolist()
    except InvalidRow as error:
        raise InvalidRow(error.row + FIRST, error.field, error.why) from error
    show(as_json, {"version": chosen.name, "result": values}, "\n".join(map(repr, values)))


def _rows(text: str) -> Any:
    """Return the rows in `text`, a single one in a list of its own, as the server reads them."""
    from entrypoints.web.wire.problems import ProblemError
    from entrypoints.web.wire.schemas import batch_schema, load_rows

    try:
        value = orjson.loads(text)
        return load_rows(batch_schema(sys.maxsize), {"X": value if isinstance(value, list) else [value]})
    except orjson.JSONDecodeError as error:
        raise click.BadParameter(f"{error.msg}; write JSON such as 0.2 or '[0.2, 0.5]'", param_hint="ROWS") from error
    except ProblemError as error:
        detail = re.sub(r"X\[(\d+)\]", lambda found: f"row {int(found[1]) + FIRST}", error.detail)
        raise click.BadParameter(detail, param_hint="ROWS") from error
