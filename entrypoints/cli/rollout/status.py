"""Command `endeavour rollout status`: shows the rollout."""

import sys

import click

from application.rollout.tick import Tick
from domain.delivery.errors import NoRollout
from domain.delivery.rollout import Rollout
from entrypoints.cli.output import as_json, echo, show, show_json
from entrypoints.cli.rollout.display import display
from entrypoints.cli.rollout.ending import Ending
from entrypoints.cli.rollout.screen import facts, screen
from entrypoints.cli.rollout.watch import SHOW_SECONDS, Watch
from entrypoints.container import Container
from entrypoints.signals import signals_while_waiting


@click.command()
@click.option("--wait", "waits", is_flag=True, help="Wait until it has ended (exit code 0, 4 or 6) or is held (7).")
@as_json
@click.pass_context
def status(context: click.Context, /, waits: bool, as_json: bool) -> None:
    """Show the rollout: live on a terminal, until it ends or Ctrl-C; once in a pipe."""
    container: Container = context.obj
    record = container.rollout_store().read()
    if record is None:
        raise NoRollout
    if not waits and (as_json or not sys.stdout.isatty()):
        reports = container.replica_counts().read()
        text = screen(record.rollout, reports, container.clock()())
        show(as_json, facts(record.rollout, reports), text)
        return
    end = _followed(container, record.rollout, waits=waits, as_json=as_json)
    if as_json:
        show_json({**facts(end.rollout, ()), **end.facts()})
    else:
        echo(str(end))
    context.exit(end.code)


def _followed(container: Container, rollout: Rollout, *, waits: bool, as_json: bool) -> Ending:
    """Return how the rollout ended that another process drives."""
    store, rollouts = container.store(), container.rollout_store()

    def look() -> Tick:
        record = rollouts.read()
        return Tick(record.rollout if record else None)

    with signals_while_waiting() as wait:
        watch = Watch(store, rollouts, display(container, as_json=as_json), wait, ends_if_held=waits)
        return watch(rollout, look, every=SHOW_SECONDS)
