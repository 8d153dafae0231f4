"""Output of the commands: tables for people and JSON for programs, without secrets and terminal commands."""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime

import click
import orjson
from rich import box
from rich.console import Console
from rich.table import Table

from entrypoints import credentials
from entrypoints.logs import without_commands

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs instead of text for people.")


def echo(text: str, *, err: bool = False) -> None:
    """Print `text`, to standard error if `err`."""
    click.echo(without_commands(credentials.redaction(os.environ).text(text)), err=err)


def show_json(value: object) -> None:
    """Print `value` as one JSON document."""
    redacted = credentials.redaction(os.environ).value(value)
    click.echo(without_commands(orjson.dumps(redacted, option=orjson.OPT_INDENT_2).decode()))


def show_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under a header, as wide as they need when nobody's terminal sets the width."""
    table = Table(*header, box=box.SIMPLE_HEAD, pad_edge=False)
    redaction = credentials.redaction(os.environ)
    for row in rows:
        table.add_row(*(without_commands(redaction.text(cell)) for cell in row))
    _console().print(table)


def show_facts(facts: Mapping[str, str]) -> None:
    """Print names and values in two columns."""
    width = max(map(len, facts))
    for name, value in facts.items():
        echo(f"{name:<{width}}  {value}")


def moment(at: datetime) -> str:
    """Return a time as people read it."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _console() -> Console:
    terminal = Console(highlight=False, markup=False)
    return terminal if terminal.is_terminal else Console(highlight=False, markup=False, width=200)
