"""Repeated jobs: threads of the parent process that do something now and then, beside its workers."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from domain.errors import BackendUnavailable

log = logging.getLogger(__name__)


@contextmanager
def repeated(name: str, job: Callable[[], None], seconds: float) -> Iterator[None]:
    """Run `job` every `seconds` in a thread, until the context ends; it waits for a job that is running.

    A job for which something is not available runs again the next time.
    """
    ended = threading.Event()

    def repeat() -> None:
        while not ended.wait(seconds):
            try:
                job()
            except BackendUnavailable:
                continue
            except Exception:
                log.exception("background_job_failed", extra={"job": name})

    thread = threading.Thread(target=repeat, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
