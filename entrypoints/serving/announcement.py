"""The moment from which the server can be used."""

import threading
from collections.abc import Callable
from multiprocessing.synchronize import Semaphore


def announce(workers: int, ready: Semaphore, on_ready: Callable[[], None]) -> None:
    """Call `on_ready` from a thread of its own, once each of the `workers` has released `ready`.

    A worker logs what it serves before that, so that no line of starting up comes after those of `on_ready`.
    """

    def wait() -> None:
        for _ in range(workers):
            ready.acquire()
        on_ready()

    threading.Thread(target=wait, name="announcement", daemon=True).start()
