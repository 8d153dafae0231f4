"""Parent watchdog: ends a child process soon after its parent process has ended."""

import os
import signal
import threading
import time

LOOK_SECONDS = 0.5


def exit_when_parent_dies(parent: int) -> None:
    """Start a thread that sends SIGTERM to this process once `parent` is no longer the id of its parent process."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent watchdog", daemon=True).start()
