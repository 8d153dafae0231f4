"""Display: shows the states of a rollout on a terminal, as lines in a pipe, or not at all where JSON follows."""

import sys
from collections.abc import Callable

import click

from domain.delivery.rollout import Rollout
from entrypoints.cli.output import echo
from entrypoints.cli.rollout.screen import screen, transition
from entrypoints.container import Container

Show = Callable[[Rollout], None]


def display(container: Container, *, as_json: bool) -> Show:
    """Return the function that shows a state."""
    if as_json:
        return lambda _: None
    return _on_terminal(container) if sys.stdout.isatty() else _Lines()


def _on_terminal(container: Container) -> Show:
    def show(rollout: Rollout) -> None:
        text = screen(rollout, container.replica_counts().read(), container.clock()())
        click.clear()
        echo(text)

    return show


class _Lines:
    """Prints a line for each transition."""

    def __init__(self) -> None:
        self._last = ""

    def __call__(self, rollout: Rollout) -> None:
        line = transition(rollout)
        if line != self._last:
            echo(line)
        self._last = line
