"""Ending on request: SIGTERM and SIGHUP end a training the way Ctrl-C does, and none of them cuts it in half."""

import logging
import os
import signal
import sys
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


_received: list[int] = []


def exit_on_termination() -> None:
    """Have signals end the program at once: while nothing is open yet, and an exception could fall into an import.

    numpy does not survive an exception in the middle of its own import.
    """
    for number in ENDING:
        signal.signal(number, lambda number, _frame: os._exit(128 + number))


def raise_on_termination() -> None:
    """Have SIGTERM and SIGHUP raise `Terminated`, as Ctrl-C raises `KeyboardInterrupt`, where the main thread is."""
    for number in ENDING:
        signal.signal(number, _end)
    sys.unraisablehook = _say_nothing_of_ending


def received() -> int | None:
    """Return the signal that has asked the program to end, whatever became of the exception it raised."""
    return _received[0] if _received else None


def refuse_to_go_on() -> None:
    """Raise again what a signal raised, if it was lost: an import in a library's own code may swallow it."""
    if _received:
        raise _exception(_received[0])


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let no signal end the program inside: what is done here takes seconds, and half of it would be a lie.

    A signal that came before is not forgotten. One that comes meanwhile has come too late to undo anything, and is only
    logged.
    """

    def too_late(number: int, _frame: FrameType | None) -> None:
        log.warning("too_late_to_stop", extra={"signal": signal.Signals(number).name})

    before = {number: signal.signal(number, too_late) for number in ENDING}
    try:
        refuse_to_go_on()
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    _received.append(number)
    raise _exception(number)


def _say_nothing_of_ending(lost: "sys.UnraisableHookArgs") -> None:
    """Pass over what a signal raised in a destructor, where nothing can be raised; `refuse_to_go_on` does it later."""
    if not isinstance(lost.exc_value, Terminated | KeyboardInterrupt):
        sys.__unraisablehook__(lost)


def _exception(number: int) -> BaseException:
    return KeyboardInterrupt() if number == signal.SIGINT else Terminated(number)
