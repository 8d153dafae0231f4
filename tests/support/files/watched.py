"""Audit of a piece of code: the events that the interpreter reports, and the modules that it imports."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Audit:
    """Audit events of the watched code's thread, with their arguments, and the modules that it imports."""

    events: list[tuple[str, tuple[object, ...]]] = field(default_factory=list)
    modules: set[str] = field(default_factory=set)


_watching: dict[int, Audit] = {}


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if _watching and (audit := _watching.get(threading.get_ident())):
        audit.events.append((event, arguments))


@contextmanager
def watched() -> Iterator[Audit]:
    """Yield the record of what the code inside does."""
    if not hasattr(_hook, "installed"):
        sys.addaudithook(_hook)  # a hook cannot be removed
        _hook.installed = True  # type: ignore[attr-defined]  # functions take attributes
    audit, before = Audit(), set(sys.modules)
    _watching[threading.get_ident()] = audit
    try:
        yield audit
    finally:
        del _watching[threading.get_ident()]
        audit.modules = set(sys.modules) - before
