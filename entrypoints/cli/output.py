"""Output of commands: text for people and JSON for programs, without secrets and control characters."""

import os
from collections.abc import Sequence
from datetime import datetime

import click
import orjson

from entrypoints import credentials
from entrypoints.observability.logs import escape_controls
from entrypoints.settings import Settings

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs instead of text for people.")


def echo(text: str, *, err: bool = False) -> None:
    """Print `text`, to standard error if `err`."""
    click.echo(escape_controls(credentials.redaction(os.environ).text(text)), err=err)


def show_json(value: object) -> None:
    """Print `value` as one JSON document."""
    redacted = credentials.redaction(os.environ).value(value)
    click.echo(escape_controls(orjson.dumps(redacted, option=orjson.OPT_INDENT_2).decode()))


def show(as_json: bool, facts: object, text: str) -> None:
    """Print `facts` as JSON, or `text` if there is any."""
    if as_json:
        show_json(facts)
    elif text:
        echo(text)


def in_columns(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of cells as lines in aligned columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join(lines)


def moment(at: datetime) -> str:
    """Return a time to the second."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def place_of(settings: Settings) -> str:
    """Return where the settings keep models."""
    if settings.store == "mlflow":
        return f"{settings.tracking_uri} under the name {settings.model_name}"
    return str(settings.data_dir)
