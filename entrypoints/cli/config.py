"""Command `endeavour config`: prints the settings."""

import os
from pathlib import Path

import click

from entrypoints.cli.output import as_json, in_columns, show
from entrypoints.container import Container
from entrypoints.credentials import LOGIN, SECRETS
from entrypoints.settings import DECLARED

MASK = "…"


@click.command()
@as_json
@click.pass_obj
def config(container: Container, /, as_json: bool) -> None:
    """Print every setting, its value, and where the value comes from; secrets are masked."""
    settings = container.settings()
    rows = [_row(setting.variable, getattr(settings, name)) for name, setting in DECLARED.items()]
    rows += [_row(name, "", MASK) for name in (*LOGIN, *SECRETS) if os.environ.get(name)]
    header = ("variable", "value", "source")
    show(as_json, [dict(zip(header, row, strict=True)) for row in rows], in_columns([header, *rows]))


def _row(variable: str, value: object, mask: str = "") -> tuple[str, str, str]:
    """Return the variable, its value as text, with paths in full, and `environment` or `default`."""
    if text := os.environ.get(variable):
        return variable, mask or (str(value) if isinstance(value, Path) else text), "environment"
    return (
        variable,
        str(value).lower() if isinstance(value, bool) else "" if value in (None, ()) else str(value),
        "default",
    )
