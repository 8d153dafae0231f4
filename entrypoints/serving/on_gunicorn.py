"""The WSGI server to fall back to: gunicorn with threads, slower than granian and stricter about HTTP."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from entrypoints.settings import Settings

THREADS, BACKLOG, KEEP_ALIVE = 64, 1024, 5
# As for granian: what a stalled body may delay the end by.
KILL_AFTER = 10
# Workers tell that they live by touching a file, which must not wait for a disk.
MEMORY = Path("/dev/shm")  # noqa: S108  # gunicorn makes its own file there, and removes its name at once


class Master(Arbiter):
    """gunicorn's, remembering Ctrl-C."""

    interrupted = False

    def handle_int(self) -> None:
        """Note the signal and begin to end; those in the middle of an answer are let finish, as on SIGTERM."""
        self.interrupted = True
        raise StopIteration


class Application(BaseApplication):
    """What gunicorn asks for its settings and for the application."""

    def __init__(self, options: dict[str, Any], load: Callable[[], Flask]) -> None:
        self._options, self._load = options, load
        super().__init__()

    def load_config(self) -> None:
        """Set what this program decides; the environment and files are not asked."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:  # type: ignore[override]  # a Flask is one, but not to its stubs
        """Return the application; called in each worker."""
        return self._load()


def run(settings: Settings, address: str, load: Callable[[], Flask], on_start: Callable[[], None]) -> None:
    """Serve as `entrypoints.serving.on_granian.run` does, with the same arguments."""
    master = Master(Application(_options(settings, address, on_start), load))
    try:
        master.run()
    except SystemExit as end:
        if end.code:
            raise
    if master.interrupted:
        raise KeyboardInterrupt


def _options(settings: Settings, address: str, on_start: Callable[[], None]) -> dict[str, Any]:
    host = f"[{address}]" if ":" in address else address
    return {
        "bind": f"{host}:{settings.port}",
        "workers": settings.workers,
        "certfile": settings.tls_cert and str(settings.tls_cert),
        "keyfile": settings.tls_key and str(settings.tls_key),
        "worker_class": "gthread",
        "threads": THREADS,
        "backlog": BACKLOG,
        "keepalive": KEEP_ALIVE,
        "graceful_timeout": KILL_AFTER,
        "control_socket_disable": True,
        "worker_tmp_dir": str(MEMORY if MEMORY.is_dir() else tempfile.gettempdir()),
        "forwarded_allow_ips": "",
        "loglevel": "warning",
        "logconfig_dict": {"loggers": {"gunicorn.error": {"handlers": [], "propagate": True}}},
        "when_ready": lambda _: on_start(),
    }
