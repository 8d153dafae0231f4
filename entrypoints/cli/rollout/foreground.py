"""Foreground: drives a rollout in the process that started it, until it ends or is held."""

import sys
import time
from collections.abc import Callable

from domain.delivery.rollout import Rollout
from domain.ports import RolloutStore
from entrypoints.cli.output import echo
from entrypoints.cli.rollout.attempts import Attempts
from entrypoints.cli.rollout.display import display
from entrypoints.cli.rollout.ending import Ending
from entrypoints.cli.rollout.watch import Watch
from entrypoints.container import Container
from entrypoints.signals import Terminated, signals_while_waiting

# A controller that runs already takes a new rollout in this time, or else the command drives it.
OTHER_SECONDS, LOOK_SECONDS = 3.0, 0.25
Wait = Callable[[float], None]


def drive(container: Container, rollout: Rollout, *, as_json: bool) -> Ending:
    """Return how the rollout ended, which this process drives unless another one does.

    On a terminal, a held rollout is driven on, so that its weight remains; a script gets it back.
    """
    rollouts, is_attended = container.rollout_store(), sys.stdout.isatty() and not as_json
    try:
        with signals_while_waiting() as wait:
            control, show = container.control_rollout(), display(container, as_json=as_json)
            watch = Watch(container.store(), rollouts, show, wait, ends_if_held=not is_attended)
            _wait_for_others(rollouts, wait)
            end = watch(rollout, control)
    except (KeyboardInterrupt, Terminated):
        _leave(rollout)
        raise
    if end.outcome is None:
        _leave(rollout)
    return end


def _leave(rollout: Rollout) -> None:
    echo(
        "left: `endeavour rollout run` drives the rollout, and `endeavour rollout abort --why TEXT` ends it; "
        f"without a controller, the champion answers all requests after {rollout.plan.ttl_seconds:g} s",
        err=True,
    )


def _wait_for_others(rollouts: RolloutStore, wait: Wait) -> None:
    """Give a controller that runs already the time to take the rollout."""
    end, attempt = time.monotonic() + OTHER_SECONDS, Attempts()
    while time.monotonic() < end:
        record = attempt(rollouts.read)
        if record is None or record.rollout.writer:
            return
        wait(LOOK_SECONDS)
