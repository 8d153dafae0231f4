"""Cluster name: the value of the option --dask."""

import click
from marshmallow import ValidationError

from entrypoints.environment import cluster


def validated_cluster(_context: click.Context, _option: click.Parameter, text: str | None) -> str | None:
    """Return the name of a Dask cluster; raise `click.BadParameter` if it is none."""
    try:
        return None if text is None else cluster(text)
    except ValidationError as error:
        raise click.BadParameter(str(error.messages[0])) from error
