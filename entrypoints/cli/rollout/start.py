"""Command `endeavour rollout start`: starts the rollout of a version, and drives it."""

import sys
from pathlib import Path
from typing import Any

import click

from entrypoints.cli.output import as_json, echo, show
from entrypoints.cli.rollout.foreground import drive
from entrypoints.cli.rollout.plan_options import plan_from, plan_options
from entrypoints.cli.rollout.preview import preview
from entrypoints.cli.rollout.screen import facts
from entrypoints.container import Container


@click.command()
@click.argument("version")
@plan_options
@click.option("--detach", is_flag=True, help="Return at once; `endeavour rollout run` drives the rollout.")
@click.option("--again", is_flag=True, help="Also if a rollout of the version was aborted.")
@click.option("--yes", is_flag=True, help="Begin without a question.")
@as_json
@click.pass_context
def start(
    context: click.Context,
    /,
    version: str,
    plan_file: Path | None,
    detach: bool,
    again: bool,
    yes: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Try VERSION on a rising share of the requests, and promote it if nothing speaks against it.

    Prints how its predictions differ from the champion's and how long the rollout takes, and asks. Without --detach the
    command stays, and drives the rollout if no controller does.

    \b
    Examples:
      endeavour rollout start 42
      endeavour rollout start 42 --steps 10,50 --step-seconds 300 --yes
    """
    container: Container = context.obj
    plan = plan_from(plan_file, **options)
    lines = preview(container, version, plan, again=again, detach=detach)
    if not as_json:
        echo("\n".join(lines))
    if not yes:
        _confirm()
    rollout = container.start_rollout()(version, plan, by=container.operator(), again=again)
    if detach:
        text = f"started: rollout {rollout.id}; `endeavour rollout run` drives it"
        show(as_json, {**facts(rollout, ()), "rollout": rollout.id, "preview": lines}, text)
        return
    end = drive(container, rollout, as_json=as_json)
    show(as_json, {**facts(end.rollout, ()), **end.facts(), "preview": lines}, str(end))
    context.exit(end.code)


def _confirm() -> None:
    if not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask at: start it with --yes")
    click.confirm("Begin?", abort=True, err=True)
