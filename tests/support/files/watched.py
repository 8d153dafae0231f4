"""What a piece of code does to the process and to the world, as the interpreter itself reports it."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Deeds:
    """What was seen.

    Parameters
    ----------
    events : list of (str, tuple)
        Audit events of this thread with their arguments: files opened, modules imported, programs started, code
        compiled, names looked up by pickle.
    modules : set of str
        Imported meanwhile.
    """

    events: list[tuple[str, tuple[object, ...]]] = field(default_factory=list)
    modules: set[str] = field(default_factory=set)


_watching: dict[int, Deeds] = {}


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if _watching and (deeds := _watching.get(threading.get_ident())):
        deeds.events.append((event, arguments))


@contextmanager
def watched() -> Iterator[Deeds]:
    """Give what the code inside does."""
    if not hasattr(_hook, "installed"):
        sys.addaudithook(_hook)  # there is no way to remove one
        _hook.installed = True  # type: ignore[attr-defined]  # a function holds what it likes
    deeds, before = Deeds(), set(sys.modules)
    _watching[threading.get_ident()] = deeds
    try:
        yield deeds
    finally:
        del _watching[threading.get_ident()]
        deeds.modules = set(sys.modules) - before
