"""granian: the WSGI server, with the settings that keep it responsive (ADR 10)."""

import contextlib
import logging
import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.connection import wait
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any

from flask import Flask
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import mp
from granian.server.mp import MPServer

from entrypoints.server.watchdog import Watchdog
from entrypoints.settings import Settings

# granian never ends a stalled body, so that each holds a thread. Requests beyond BACKPRESSURE wait unread.
BLOCKING_THREADS, BACKPRESSURE, BACKLOG = 64, 128, 1024
# The timeout of a request's head also ends a connection that idles after an answer. With a longer one, as many silent
# clients as BACKPRESSURE would hold a worker for longer (docs/settings.md). The buffer bounds a
# request's head; with an eighth of it, reading 200 KB of body took 0.2 ms more.
HTTP1 = HTTP1Settings(header_read_timeout=5_000, max_buffer_size=262_144)
# After this time the kernel ends a connection whose client reads no byte; granian itself would wait for ever.
MAX_UNREAD_MILLISECONDS = 20_000
# Above the descriptors of connections. Linux closes those of a killed process from the highest to the lowest.
LISTENING_DESCRIPTOR = 4_000
# Without it, one stalled body keeps the server from ending.
KILL_AFTER_SECONDS = 10
LOGGING = {"loggers": {"_granian": {"handlers": [], "propagate": True}}}


class SignalSafeEvent:
    """Replacement of the `threading.Event` of granian's workers that needs no lock.

    granian's main thread waits for the event. Its handler of SIGTERM, which runs in that thread, sets the event and a
    signal of granian's; both have locks. A SIGTERM while the thread holds one of them would wait for its own caller for
    ever. `SimpleQueue.put` is documented as safe at such a moment, and only the first SIGTERM reaches granian.

    Parameters
    ----------
    on_serving : callable
        Called when granian begins to wait: the worker serves from then on.
    """

    def __init__(self, on_serving: Callable[[], None]) -> None:
        self._on_serving = on_serving
        self._sets: SimpleQueue[None] = SimpleQueue()
        self.set = partial(self._sets.put, None)
        handlers: Any = iter([signal.getsignal(signal.SIGTERM)])
        signal.signal(signal.SIGTERM, lambda *args: [handler(*args) for handler in handlers])

    def wait(self) -> None:
        """Call `on_serving`, and return after `set`."""
        self._on_serving()
        self._sets.get()


class Worker(mp.WorkerProcess):
    """granian's worker process, which is alive until it has ended.

    A thread of granian waits for each worker, too. `multiprocessing` regards a process as alive from the moment that
    another thread has reaped it until that thread runs on; granian would log that it kills an ended worker.
    """

    def is_alive(self) -> bool:
        """Return whether the process has not ended."""
        return not wait([self.inner.sentinel], timeout=0)


class Granian(MPServer):
    """granian that keeps the signal that ended it in `ended_by`."""

    ended_by: int | None = None

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        """Keep the signal and begin to end."""
        self.ended_by = args[0]
        super().signal_handler_interrupt(*args, **kwargs)  # type: ignore[no-untyped-call]  # granian's


def _bound_socket(spec: Any) -> Any:
    """Return granian's listening socket; accepted connections inherit its options.

    Its descriptor is the highest one, so that the kernel closes it before the connections when the worker is killed. A
    proxy that repeats a lost request would otherwise connect to the dying worker again.
    """
    with _lower_descriptors_taken():
        holder = spec.build()
    with socket.fromfd(holder.get_fd(), socket.AF_INET, socket.SOCK_STREAM) as same:
        same.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, MAX_UNREAD_MILLISECONDS)
    return holder


def run(settings: Settings, address: str, load: Callable[[], Flask], on_serving: Callable[[], None]) -> None:
    """Serve until SIGTERM, and return; or until Ctrl-C, and raise `KeyboardInterrupt`.

    Parameters
    ----------
    settings : Settings
    address : str
        Numeric.
    load : callable
        Returns the application; called in each worker.
    on_serving : callable
        Called in each worker once it serves.
    """
    # Workers inherit objects that exist before them; from Python 3.14 on, no system forks by default.
    multiprocessing.set_start_method("fork", force=True)
    # granian advises on the number of threads, which BLOCKING_THREADS sets on purpose.
    logging.getLogger("_granian").addFilter(lambda record: "Python threads" not in record.getMessage())
    server = Granian(
        "the application that `load` returns",
        address=address,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=BLOCKING_THREADS,
        backpressure=BACKPRESSURE,
        backlog=BACKLOG,
        http=HTTPModes.http1,
        http1_settings=HTTP1,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_AFTER_SECONDS,
        log_level=LogLevels.warning,
        log_dictconfig=LOGGING,
    )
    mp.WorkerProcess = Worker  # type: ignore[misc]  # granian makes workers by this name
    watchdog = Watchdog()
    server.on_startup(partial(watchdog.watch, lambda: [worker.inner for worker in list(server.wrks)]))
    try:
        server.serve(partial(_run_worker, on_serving), partial(_load_with_heartbeat, load, watchdog), wrap_loader=False)
    except SystemExit:
        # granian exits so when workers ended first, which is normal after Ctrl-C because that reaches them too.
        if server.ended_by is None:
            raise
    if server.ended_by == signal.SIGINT:
        raise KeyboardInterrupt


def _run_worker(on_serving: Callable[[], None], *args: Any) -> None:
    """Run a worker that no signal can hang, in its own process."""
    mp.threading = SimpleNamespace(Event=partial(SignalSafeEvent, on_serving))  # type: ignore[assignment, attr-defined]  # granian uses no other name of it
    if sys.platform == "linux":
        number, name, load, ((spec, _), inherited), *others = args
        args = (number, name, load, ((None, _bound_socket(spec)), inherited), *others)
    MPServer._spawn_wsgi_worker(*args)


@contextlib.contextmanager
def _lower_descriptors_taken() -> Iterator[None]:
    """Let the next descriptor be `LISTENING_DESCRIPTOR`, or the highest one that the host allows."""
    taken = [os.open(os.devnull, os.O_RDONLY)]
    try:
        with contextlib.suppress(OSError):
            while taken[-1] < LISTENING_DESCRIPTOR:
                taken.append(os.dup(taken[0]))
        os.close(taken.pop())
        yield
    finally:
        for descriptor in taken:
            os.close(descriptor)


def _load_with_heartbeat(load: Callable[[], Flask], watchdog: Watchdog) -> Flask:
    watchdog.beat()
    return load()
