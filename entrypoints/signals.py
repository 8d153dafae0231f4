"""Signal handlers: SIGTERM and SIGHUP end a training as Ctrl-C does, and wait for a save or a promotion to finish."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
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
    """Let signals end the program at once during imports, because numpy does not survive an exception in its import."""
    for number in ENDING:
        signal.signal(number, lambda number, _frame: os._exit(128 + number))


def raise_on_termination() -> None:
    """Let SIGTERM and SIGHUP raise `Terminated` in the main thread, as Ctrl-C raises `KeyboardInterrupt`."""
    for number in ENDING:
        signal.signal(number, _end)
    sys.unraisablehook = _report


def received() -> int | None:
    """Return the signal that asked the program to end, also if its exception was lost."""
    return _received[0] if _received else None


def raise_pending_signal() -> None:
    """Raise the exception of an earlier signal again, because a destructor or a library may have swallowed it."""
    if _received:
        raise _exception(_received[0])


@contextmanager
def defer_signals() -> Iterator[None]:
    """Log signals inside the context instead of raising; raise the exception of an earlier signal again."""
    before = {number: signal.signal(number, _log) for number in ENDING}
    try:
        raise_pending_signal()
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def signals_while_waiting() -> Iterator[Callable[[float], None]]:
    """Let signals raise only in the function that the context yields, which waits for a number of seconds."""
    arrived, numbers = threading.Event(), list[int]()

    def note(number: int, _frame: FrameType | None) -> None:
        numbers.append(number)
        arrived.set()

    def wait(seconds: float) -> None:
        if arrived.wait(seconds):
            raise _exception(numbers[0])

    before = {number: signal.signal(number, note) for number in ENDING}
    try:
        raise_pending_signal()
        yield wait
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _log(number: int, _frame: FrameType | None) -> None:
    log.warning("signal_deferred", extra={"signal": signal.Signals(number).name})


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    _received.append(number)
    raise _exception(number)


def _report(lost: "sys.UnraisableHookArgs") -> None:
    """Report an exception in a destructor, unless it is a signal's: `raise_pending_signal` raises that again."""
    if not isinstance(lost.exc_value, Terminated | KeyboardInterrupt):
        sys.__unraisablehook__(lost)


def _exception(number: int) -> BaseException:
    return KeyboardInterrupt() if number == signal.SIGINT else Terminated(number)
