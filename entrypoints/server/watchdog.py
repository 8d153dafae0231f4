"""Watchdog: kills a worker whose interpreter no longer runs its threads, so that the server starts another one."""

import logging
import mmap
import os
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing.process import BaseProcess

log = logging.getLogger(__name__)

BEAT_EVERY = LOOK_EVERY = 1.0
# Looks, and not seconds, because a parent process that is stopped does not look, and one on a busy host looks less
# often. Parsing JSON, the longest step that holds the interpreter, takes 0.1 s a megabyte at most.
MAX_SILENT_LOOKS = 30
# Of Linux.
MAX_PROCESS_ID = 2**22
BYTES_OF_A_COUNT = 8


class Watchdog:
    """Counts of beats by process id, in memory that workers inherit; made before they are forked.

    Places that no process has written to take no memory.
    """

    def __init__(self) -> None:
        self._beats = memoryview(mmap.mmap(-1, (MAX_PROCESS_ID + 1) * BYTES_OF_A_COUNT)).cast("Q")
        # By process id: the beats that the last look found, and how many looks in a row found no new one.
        self._seen: dict[int, tuple[int, int]] = {}

    def beat(self) -> None:
        """Have a thread of this process beat; it takes the interpreter's lock for each beat."""

        def keep_beating() -> None:
            while True:
                self._beats[os.getpid()] += 1
                time.sleep(BEAT_EVERY)

        threading.Thread(target=keep_beating, name="heartbeat", daemon=True).start()

    def watch(self, workers: Callable[[], Sequence[BaseProcess]]) -> None:
        """Have a thread of this process kill each of its `workers` that does not beat for `MAX_SILENT_LOOKS`."""

        def keep_looking() -> None:
            while True:
                time.sleep(LOOK_EVERY)
                self._look({worker.pid: worker for worker in workers() if worker.pid})

        threading.Thread(target=keep_looking, name="watchdog", daemon=True).start()

    def _look(self, workers: dict[int, BaseProcess]) -> None:
        self._seen = {pid: self._counted(pid) for pid in workers}
        for pid, (_, silent) in self._seen.items():
            if silent >= MAX_SILENT_LOOKS:
                log.error("worker_stuck", extra={"pid": pid, "seconds": MAX_SILENT_LOOKS * LOOK_EVERY})
                workers[pid].kill()
                # One at a look, because granian can miss one of two workers that end at the same moment.
                del self._seen[pid]
                return

    def _counted(self, pid: int) -> tuple[int, int]:
        beats = self._beats[pid]
        before, silent = self._seen.get(pid, (None, 0))
        return beats, silent + 1 if beats == before else 0
