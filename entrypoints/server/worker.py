"""Worker process: loads the application, and refreshes model and keys while it answers."""

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

# A promotion or a new key takes effect within a second of its arrival on this host.
REFRESH_SECONDS = 0.5
# A killed worker loses the counts since its last flush.
FLUSH_SECONDS = 0.1
# Between two calls, which take a hundredth of the time.
COMPARE_SECONDS = 0.1


def build_worker_app(parent: int, settings: Settings, **objects: object) -> Flask:
    """Return the application with a model loaded, in a worker of the process `parent`.

    `objects` replace what the container's providers of these names return.
    """
    exit_when_parent_dies(parent)
    objects |= {"settings": settings, "log_writer": logs.configure_without_waiting(settings.log_level, with_pid=True)}
    container = Container(**{name: providers.Object(made) for name, made in objects.items()})
    app = build_refreshed_app(container)
    # granian would copy it into every request, where HTTP_X_API_KEY=… is a header like any other.
    os.environ.clear()
    # The garbage collector, which a batch of 100,000 lists starts often, need not visit what exists now.
    gc.freeze()
    return app


def build_refreshed_app(container: Container) -> Flask:
    """Return the application of `container` with a model loaded, and start the threads that refresh it."""
    app = create_app(container.web_dependencies())
    # One thread each: a slow disk under the models must not keep a revoked key valid.
    refreshes: dict[str, Callable[[], None]] = {
        "refresh model": container.refresh_current_model(),
        "refresh keys": container.active_keys().refresh,
        "refresh session secret": container.active_sessions().refresh,
    }
    for refresh in refreshes.values():
        refresh()
    for name, refresh in refreshes.items():
        _repeat(name, refresh, REFRESH_SECONDS)
    _repeat("compare models", container.compare_models(), COMPARE_SECONDS)
    name, flush = "flush telemetry", container.request_recorder().flush
    _repeat(name, flush, FLUSH_SECONDS)
    Finalize(None, _attempt, (name, flush), exitpriority=logs.LAST + 1)
    return app


def exit_on_sigterm_while_starting() -> None:
    """Let SIGTERM end a worker that does not serve yet.

    A forked worker inherits the parent's handlers, which note a signal for a loop that does not run here. granian sets
    a handler of its own when it begins to serve. SIGINT is blocked for all threads to come, because Ctrl-C reaches all
    processes at once and the parent ends the workers.
    """
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _repeat(name: str, job: Callable[[], None], seconds: float) -> None:
    """Start a thread that runs `job` at this interval."""

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
