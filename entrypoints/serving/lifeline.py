"""No process of a host outlives the one that started it, not even if that was killed."""

import os
import signal
import threading
import time

LOOK_EVERY = 0.5


def end_with(parent: int) -> None:
    """Have this process end as on SIGTERM soon after the process `parent`, which must be its parent, has ended."""
    threading.Thread(target=_watch, args=(parent,), name="lifeline", daemon=True).start()


def _watch(parent: int) -> None:
    """Look who the parent is: an orphan is given another. That works on every Unix, and no pipe can be inherited."""
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY)
    os.kill(os.getpid(), signal.SIGTERM)
