"""`endeavour promote` and `endeavour rollback`."""

import click

from domain.history import History
from entrypoints.cli.output import as_json, show_json
from entrypoints.container import Container


@click.command()
@click.argument("version")
@as_json
@click.pass_obj
def promote(container: Container, /, version: str, as_json: bool) -> None:
    """Put VERSION into production by hand; no policy is asked. `endeavour models` lists the versions."""
    _show(container.promote_model()(version), as_json)


@click.command()
@as_json
@click.pass_obj
def rollback(container: Container, /, as_json: bool) -> None:
    """Put the previous version into production again; once more goes further back, never forward."""
    _show(container.roll_back()(), as_json)


def _show(history: History, as_json: bool) -> None:
    if as_json:
        show_json({"champion": history.champion, "previous": history.previous})
    else:
        click.echo(f"in production: {history.champion}; before it: {history.previous or 'nothing'}")
