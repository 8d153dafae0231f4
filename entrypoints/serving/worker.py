"""What a worker process does before it answers its first request, and beside answering."""

import gc
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.synchronize import Semaphore
from multiprocessing.util import Finalize

from dependency_injector import providers
from flask import Flask

from adapters.rates.host import Table
from entrypoints import logs
from entrypoints.container import Container
from entrypoints.metrics.figures import Channel
from entrypoints.serving.lifeline import end_with
from entrypoints.settings import Settings
from entrypoints.web.app import create_app

log = logging.getLogger(__name__)

# Looking at a few bytes of memory, and at small files in the page cache: often enough for a promotion or a new key to
# count within a second of its arrival on this host, and less than a thousandth of a core.
REFRESH_EVERY = 0.5
# A worker that is killed loses what it has counted since.
ENTER_EVERY = 0.1


def application(
    settings: Settings,
    rate_table: Table,
    channel: Channel,
    parent: int,
    ready: Semaphore,
    board: str = "",
    names: frozenset[str] = frozenset(),
) -> Flask:
    """Return the application with a model loaded, and release `ready`; runs in the worker that `parent` has started.

    Parameters
    ----------
    settings : Settings
    rate_table : Table
    channel : Channel
        To the process that sums what workers count.
    parent : int
        Process id.
    ready : Semaphore
    board : str
        Path of the memory that the mirror posts to; empty where there is no mirror.
    names : frozenset of str
        Names that a Host may have, as `host_names` returns them.
    """
    end_with(parent)
    lines = logs.configure_without_waiting(settings.log_level)
    container = Container(
        settings=providers.Object(settings),
        rate_table=providers.Object(rate_table),
        board_path=providers.Object(board),
        figures=providers.Object(channel),
        lines=providers.Object(lines),
        host_names=providers.Object(names),
    )
    app = following(container)
    _forget_environment()
    # What is here now stays: each look for garbage, of which a batch of 100,000 lists causes many, passes it by.
    gc.freeze()
    ready.release()
    return app


def following(container: Container) -> Flask:
    """Return the application of `container` with a model loaded, which follows promotions and changes of keys."""
    app = create_app(container)
    # Each in a thread of its own: a slow disk under the models must not keep a revoked key alive.
    refreshes: dict[str, Callable[[], None]] = {
        "refresh": container.refresh_live_model(),
        "keys": container.live_keys().refresh,
    }
    for refresh in refreshes.values():
        refresh()
    for name, refresh in refreshes.items():
        _repeat(name, refresh, REFRESH_EVERY)
    enter = container.books().enter
    _repeat("books", enter, ENTER_EVERY)
    Finalize(None, _attempt, ("books", enter), exitpriority=logs.LAST + 1)
    return app


def end_at_once_while_starting() -> None:
    """Let SIGTERM end a worker that has not begun to serve.

    A forked worker inherits the parent's handlers, which note a signal for a loop that does not run here: it would be
    lost, and the server would hang. granian sets a handler of its own when it begins to serve.

    Ctrl-C reaches all processes at once, and it is for the parent to tell the workers what to do: on a signal of its
    own, gunicorn's worker would leave requests unanswered. So SIGINT is blocked here, for all threads to come.
    """
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _forget_environment() -> None:
    """Drop what granian would copy into every request, where HTTP_X_API_KEY=… is a header like any other.

    All settings have been read, and secrets have no business in a process that strangers talk to.
    """
    os.environ.clear()


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
        log.exception("job_failed", extra={"job": name})
