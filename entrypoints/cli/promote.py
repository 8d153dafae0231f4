"""`endeavour promote` and `endeavour rollback`."""

import click

from domain.history import History
from entrypoints.cli.output import as_json, echo, show_json
from entrypoints.container import Container


@click.command()
@click.argument("version")
@click.option(
    "--features-may-change", is_flag=True, help="Clients know that they must send other features from now on."
)
@as_json
@click.pass_obj
def promote(container: Container, /, version: str, features_may_change: bool, as_json: bool) -> None:
    """Put VERSION into production by hand; no policy is asked. `endeavour models` lists the versions.

    A version that takes other features than the one in production, or the same in another order, breaks clients that do
    not know: it is refused without --features-may-change.
    """
    _show(container.promote_model()(version, features_may_change=features_may_change), as_json)


@click.command()
@as_json
@click.pass_obj
def rollback(container: Container, /, as_json: bool) -> None:
    """Put the previous version into production again, whatever its features; once more goes further back."""
    _show(container.roll_back()(), as_json)


def _show(history: History, as_json: bool) -> None:
    if as_json:
        show_json({"champion": history.champion, "previous": history.previous})
    else:
        echo(f"in production: {history.champion}; before it: {history.previous or 'nothing'}")
