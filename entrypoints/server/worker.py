"""Worker process: loads the application, and follows promotions and keys beside answering."""

import gc
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.util import Finalize

from dependency_injector import providers
from flask import Flask

from entrypoints.container import Container
from entrypoints.observability import logs
from entrypoints.server.parent_watchdog import exit_when_parent_dies
from entrypoints.settings import Settings
from entrypoints.web.app import create_app

log = logging.getLogger(__name__)

# A promotion or a new key counts within a second of its arrival on this host.
REFRESH_EVERY = 0.5
# A worker that is killed loses what it has counted since.
ENTER_EVERY = 0.1


def application(parent: int, settings: Settings, **objects: object) -> Flask:
    """Return the application with a model loaded; runs in a worker of the process `parent`.

    `objects` are what the container returns by their names.
    """
    exit_when_parent_dies(parent)
    objects |= {"settings": settings, "log_writer": logs.configure_without_waiting(settings.log_level)}
    container = Container(**{name: providers.Object(made) for name, made in objects.items()})
    app = following(container)
    # granian would copy it into every request, where HTTP_X_API_KEY=… is a header like any other.
    os.environ.clear()
    # What is here now stays, so that no search for garbage, of which a batch of 100,000 lists causes many, visits it.
    gc.freeze()
    return app


def following(container: Container) -> Flask:
    """Return the application of `container` with a model loaded, which follows promotions and changes of keys."""
    app = create_app(container)
    # Each in a thread of its own: a slow disk under the models must not keep a revoked key alive.
    refreshes: dict[str, Callable[[], None]] = {
        "refresh": container.refresh_current_model(),
        "keys": container.active_keys().refresh,
    }
    for refresh in refreshes.values():
        refresh()
    for name, refresh in refreshes.items():
        _repeat(name, refresh, REFRESH_EVERY)
    enter = container.request_recorder().flush
    _repeat("books", enter, ENTER_EVERY)
    Finalize(None, _attempt, ("books", enter), exitpriority=logs.LAST + 1)
    return app


def end_at_once_while_starting() -> None:
    """Let SIGTERM end a worker that has not begun to serve.

    A forked worker inherits the parent's handlers, which note a signal for a loop that does not run here. granian sets
    a handler of its own when it begins to serve. SIGINT is blocked for all threads to come, because Ctrl-C reaches all
    processes at once and the parent ends the workers.
    """
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _repeat(name: str, job: Callable[[], None], seconds: float) -> None:
    """Do `job` every so many seconds, from a thread of its own."""

    def repeat() -> None:
        while True:
            time.sleep(seconds)
            _attempt(name, job)

    threading.Thread(target=repeat, name=name, daemon=True).start()


def _attempt(name: str, job: Callable[[], None]) -> None:
    try:
        job()
    except Exception:
        log.exception("background_job_failed", extra={"job": name})
