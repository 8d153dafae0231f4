"""Ending on request: SIGTERM and SIGHUP end a training the way Ctrl-C does, and none of them cuts it in half."""

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

log = logging.getLogger(__name__)

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Terminated(BaseException):
    """A signal asked the program to end; like `KeyboardInterrupt`, no `except Exception` stops it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


def raise_on_termination() -> None:
    """Turn SIGTERM and SIGHUP into `Terminated`, raised where the main thread is at that moment."""

    def terminate(number: int, _frame: FrameType | None) -> NoReturn:
        raise Terminated(number)

    signal.signal(signal.SIGTERM, terminate)
    signal.signal(signal.SIGHUP, terminate)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let no signal end the program inside: what is done here takes seconds, and half of it would be a lie.

    A signal that comes meanwhile has come too late to undo anything, and is only logged.
    """

    def too_late(number: int, _frame: FrameType | None) -> None:
        log.warning("too_late_to_stop", extra={"signal": signal.Signals(number).name})

    before = {number: signal.signal(number, too_late) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
