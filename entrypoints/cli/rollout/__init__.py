"""Commands `endeavour rollout`: start, drive, show and control the rollout of a challenger."""

import click

from entrypoints.cli.rollout.history import history
from entrypoints.cli.rollout.requests import COMMANDS
from entrypoints.cli.rollout.run import run
from entrypoints.cli.rollout.simulate import simulate
from entrypoints.cli.rollout.start import start
from entrypoints.cli.rollout.status import status


@click.group()
def rollout() -> None:
    """Try a version on a rising share of the requests, and promote it if nothing speaks against it.

    `start` begins a rollout and drives it. `run` drives every rollout, for ever, as a service.
    """


for command in (start, status, *COMMANDS, run, history, simulate):
    rollout.add_command(command)
