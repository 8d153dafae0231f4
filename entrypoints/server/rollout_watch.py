"""Rollout watch: a thread of the parent process that looks at the rollout, so that its steps are kept as changes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from domain.delivery.rollout import Rollout
from domain.errors import EndeavourError

LOOK_SECONDS = 2.0


@contextmanager
def watched_rollout(read: Callable[[], Rollout | None], on_rollout: Callable[[Rollout], None]) -> Iterator[None]:
    """Call `on_rollout` with the rollout that `read` returns, every `LOOK_SECONDS`, until the context ends.

    What cannot be read now is read the next time: the registry sync, or the worker, logs the reason.
    """
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(LOOK_SECONDS):
            try:
                rollout = read()
            except EndeavourError:
                continue
            if rollout is not None:
                on_rollout(rollout)

    thread = threading.Thread(target=look, name="rollout watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
