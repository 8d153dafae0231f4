"""The moment from which the server can be used."""

import http.client
import threading
import time
from collections.abc import Callable
from multiprocessing.synchronize import Semaphore

from entrypoints.serving.itself import ask
from entrypoints.settings import Settings

LOOK_EVERY = 0.05


def announce(settings: Settings, ready: Semaphore, on_ready: Callable[[], None]) -> None:
    """Call `on_ready` from a thread of its own, once every worker has told `ready` and /livez is answered.

    Each worker logs what it serves before it tells, so that no line of starting up comes after those of `on_ready`.
    """

    def wait() -> None:
        for _ in range(settings.workers):
            ready.acquire()
        while not _answers(settings):
            time.sleep(LOOK_EVERY)
        on_ready()

    threading.Thread(target=wait, name="announcement", daemon=True).start()


def _answers(settings: Settings) -> bool:
    try:
        ask(settings, "/livez")
    except (OSError, http.client.HTTPException):
        return False
    return True
