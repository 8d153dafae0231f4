"""Command `endeavour rollout run`: drives rollouts, for ever."""

import click

from entrypoints.cli.rollout.attempts import Attempts
from entrypoints.cli.rollout.watch import RETRY_SECONDS
from entrypoints.container import Container
from entrypoints.observability import logs
from entrypoints.signals import signals_while_waiting


@click.command()
@click.pass_obj
def run(container: Container, /) -> None:
    """Drive every rollout that is started, for ever, and log each transition.

    Ctrl-C or SIGTERM ends it between two ticks. Several may run: one drives, and another takes over if it ends.
    """
    logs.configure(container.settings().log_level)
    control, attempt = container.control_rollout(), Attempts()
    with signals_while_waiting() as wait:
        while True:
            tick = attempt(control)
            wait(tick.next_look if tick else RETRY_SECONDS)
