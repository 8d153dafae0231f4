"""Lifeline: ends a process whose parent process has ended, even if that was killed."""

import os
import signal
import threading
import time

LOOK_EVERY = 0.5


def end_with(parent: int) -> None:
    """Send SIGTERM to this process soon after its parent process, `parent`, has ended: an orphan has another parent."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_EVERY)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
