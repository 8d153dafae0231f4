"""Worker watchdog: kills a worker whose interpreter no longer runs its threads, so that granian starts another one."""

import logging
import mmap
import os
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing.process import BaseProcess

log = logging.getLogger(__name__)

BEAT_SECONDS = LOOK_SECONDS = 1.0
# Counted in looks, because a stopped parent process does not look, and one on a busy host looks less often. Parsing
# JSON, the longest step that holds the interpreter, takes 0.1 s per megabyte at most.
MAX_SILENT_LOOKS = 30
# The limit of Linux.
MAX_PROCESS_ID = 2**22
BYTES_PER_COUNT = 8


class Watchdog:
    """Heartbeats by process id, in memory that workers inherit; created before the fork.

    The kernel allocates only the pages that a process has written to.
    """

    def __init__(self) -> None:
        self._beats = memoryview(mmap.mmap(-1, (MAX_PROCESS_ID + 1) * BYTES_PER_COUNT)).cast("Q")
        # By process id: the heartbeats at the last look, and the number of looks in a row without a new one.
        self._seen: dict[int, tuple[int, int]] = {}

    def beat(self) -> None:
        """Start a thread of this process that beats; each beat takes the interpreter's lock."""

        def keep_beating() -> None:
            while True:
                self._beats[os.getpid()] += 1
                time.sleep(BEAT_SECONDS)

        threading.Thread(target=keep_beating, name="heartbeat", daemon=True).start()

    def watch(self, workers: Callable[[], Sequence[BaseProcess]]) -> None:
        """Start a thread that kills each of the `workers` without a heartbeat for `MAX_SILENT_LOOKS`."""

        def keep_looking() -> None:
            while True:
                time.sleep(LOOK_SECONDS)
                self._look({worker.pid: worker for worker in workers() if worker.pid})

        threading.Thread(target=keep_looking, name="watchdog", daemon=True).start()

    def _look(self, workers: dict[int, BaseProcess]) -> None:
        self._seen = {pid: self._count(pid) for pid in workers}
        for pid, (_, silent) in self._seen.items():
            if silent >= MAX_SILENT_LOOKS:
                log.error("worker_stuck", extra={"pid": pid, "seconds": MAX_SILENT_LOOKS * LOOK_SECONDS})
                workers[pid].kill()
                # One per look, because granian can miss one of two workers that end at the same moment.
                del self._seen[pid]
                return

    def _count(self, pid: int) -> tuple[int, int]:
        beats = self._beats[pid]
        before, silent = self._seen.get(pid, (None, 0))
        return beats, silent + 1 if beats == before else 0
