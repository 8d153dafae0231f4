"""The parent's side of the mirror: it starts it, waits for its first word, and starts it again if it dies."""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from adapters.shared_memory.memory_file import memory_file
from entrypoints.build import MAX_REGISTRY_SECONDS
from entrypoints.serving.mirror import ASKING, CONFIRMED, FAILED

log = logging.getLogger(__name__)

# Importing the MLflow client takes some 5 s on two slow cores; a mirror that needs longer is not waited for.
START_PATIENCE = 30.0
# From the mirror's start, most of which is Python's own; one that is well hears the registry within half of it.
KNOWN_PATIENCE = 0.8
END_PATIENCE = 5.0
LONGEST_BACK_OFF = 60.0
# A mirror that has lived for so long was all right: its end starts a new count.
SETTLED_AFTER = 60.0

# What the parent says of a mirror that says nothing any more.
DIED = "died"


@contextmanager
def mirrored(count: Callable[[str], None]) -> Iterator["Mirror"]:
    """Keep a mirror running inside; `count` is told what came of each of its questions, and when it died."""
    with memory_file() as board:
        mirror = Mirror(board, count)
        mirror.start()
        try:
            yield mirror
        finally:
            mirror.stop()


class Mirror:
    """A child process under supervision, which posts what it hears to the memory at the path `board`."""

    def __init__(self, board: str, count: Callable[[str], None]) -> None:
        self.board = board
        self._count = count
        self._asking, self._settled, self._stopping = threading.Event(), threading.Event(), threading.Event()
        self._began = 0.0
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._supervisor = threading.Thread(target=self._supervise, name="mirroring", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._began = time.monotonic()
        self._supervisor.start()

    def wait_for_first_word(self, *, known: bool) -> None:
        """Return when the registry's first word is here, or has had its time.

        That is `MAX_REGISTRY_SECONDS` after the registry was asked. Where a champion is `known` already, it is no
        more than a moment: what comes later is served later, and nobody need wait for it.
        """
        if known:
            heard = self._settled.wait(self._began + KNOWN_PATIENCE - time.monotonic())
        else:
            self._asking.wait(START_PATIENCE)
            heard = self._settled.wait(MAX_REGISTRY_SECONDS)
        if not heard:
            log.warning("registry_not_heard_at_start", extra={"seconds": round(time.monotonic() - self._began, 1)})

    def stop(self) -> None:
        """End the process, and return when it has ended."""
        self._stopping.set()
        with self._lock:
            process = self._process
        if process:
            process.terminate()
            try:
                process.wait(END_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
        self._supervisor.join()

    def _supervise(self) -> None:
        back_off = 1.0
        while process := self._begun():
            began = time.monotonic()
            self._listen(process.stdout)
            code = process.wait()
            # Whoever waits for the first word of a dead mirror waits in vain.
            self._asking.set()
            self._settled.set()
            if self._stopping.is_set():
                return
            self._count(DIED)
            back_off = 1.0 if time.monotonic() - began > SETTLED_AFTER else min(2 * back_off, LONGEST_BACK_OFF)
            log.error("mirror_died", extra={"exit_code": code, "restart_in_seconds": back_off})
            self._stopping.wait(back_off)

    def _begun(self) -> "subprocess.Popen[str] | None":
        with self._lock:
            if self._stopping.is_set():
                return None
            words = [sys.executable, "-m", "entrypoints.serving.mirror", str(os.getpid()), self.board]
            # The parent's import path: the child has no current folder on its own (`entrypoints.start`).
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
            self._process = subprocess.Popen(  # noqa: S603  # our own module
                words, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
            )
            return self._process

    def _listen(self, words: IO[str] | None) -> None:
        for line in words or ():
            word = line.strip()
            if word == ASKING:
                self._asking.set()
            elif word in (CONFIRMED, FAILED):
                self._count(word)
                self._settled.set()
