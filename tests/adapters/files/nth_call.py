"""The Nth call to the operating system goes wrong.

The rule is SQLite's: try N = 1, 2, 3 … until a run gets by without, and look after each whether all is in order.
"""

import fcntl
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

CALLS = [
    (os, ("open", "write", "fsync", "close", "mkdir", "unlink", "link", "replace", "stat", "lstat", "fstat")),
    (fcntl, ("flock",)),
]

Deed = Callable[..., object]
"""Is given the call and its arguments, in place of being called."""


@dataclass
class Nth:
    """Counts the calls; `name` is that of the one that went wrong, once it has."""

    number: int
    count: int = 0
    name: str | None = None


@contextmanager
def nth_call(number: int, deed: Deed) -> Iterator[Nth]:
    """Do `deed` instead of the call `number` of those that are made inside."""
    nth = Nth(number)
    with pytest.MonkeyPatch.context() as patch:
        for module, names in CALLS:
            for name in names:
                patch.setattr(module, name, _counted(nth, name, getattr(module, name), deed))
        yield nth


def _counted(nth: Nth, name: str, call: Callable[..., object], deed: Deed) -> Callable[..., object]:
    def counted(*args, **kwargs):
        nth.count += 1
        if nth.count != nth.number:
            return call(*args, **kwargs)
        nth.name = name
        return deed(call, *args, **kwargs)

    return counted


def fails(number: int) -> Deed:
    """Return the deed of failing with this `errno`; a file is closed even so, as the kernel does it."""

    def fail(call, *args, **kwargs):
        if call is os_close:
            call(*args)
        raise OSError(number, os.strerror(number))

    return fail


os_close = os.close


def kill_before(call, *args, **kwargs):
    """Die by SIGKILL instead of the call."""
    os.kill(os.getpid(), signal.SIGKILL)


def kill_after(call, *args, **kwargs):
    """Die by SIGKILL right after the call, or in the middle of it if it writes."""
    call(args[0], args[1][: len(args[1]) // 2]) if call.__name__ == "write" else call(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)


def writes_half(call, *args, **kwargs):
    """Write half of the data and say so, as the kernel may at any time; any other call goes through."""
    return call(args[0], args[1][: len(args[1]) // 2]) if call.__name__ == "write" else call(*args, **kwargs)
