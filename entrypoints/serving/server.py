"""`serve`: the mirror, then a WSGI server with as many workers as the settings say."""

import contextlib
import multiprocessing
import os
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec

from adapters.rates.host import Table
from entrypoints.metrics.ledger import Ledger, shared_descriptor
from entrypoints.metrics.port import metrics_port
from entrypoints.metrics.registry_watch import RegistryWatch
from entrypoints.serving.address import listening_address
from entrypoints.serving.announcement import announce
from entrypoints.serving.mirroring import mirrored
from entrypoints.serving.worker import application, end_at_once_while_starting
from entrypoints.settings import Settings, WrongSetting
from entrypoints.signals import Terminated


def serve(settings: Settings, on_ready: Callable[[], None]) -> None:
    """Serve until SIGTERM, and return; or until Ctrl-C, and raise `KeyboardInterrupt`.

    Parameters
    ----------
    settings : Settings
    on_ready : callable
        Called once, from another thread, when every worker is ready and the server answers.

    Raises
    ------
    CannotListen
        If the port is taken, or the address is none of this host; nothing has been started then.
    WrongSetting
        If the server that the settings name is not installed.
    """
    if find_spec(settings.server) is None:
        raise WrongSetting(f"ENDEAVOUR_SERVER is {settings.server}, which is not installed: add the extra of that name")
    address = listening_address(settings)
    shared = shared_descriptor()
    ledger = Ledger(shared)
    watch = RegistryWatch(ledger)
    mirror = mirrored(settings, watch) if settings.store == "mlflow" else contextlib.nullcontext()
    with contextlib.suppress(Terminated), metrics_port(settings.metrics_host, settings.metrics_port, ledger), mirror:
        _run(settings, address, on_ready, shared)


def _run(settings: Settings, address: str, on_ready: Callable[[], None], shared: int) -> None:
    ready = multiprocessing.Semaphore(0)
    os.register_at_fork(after_in_child=end_at_once_while_starting)
    wsgi_server = import_module(f"entrypoints.serving.on_{settings.server}")
    wsgi_server.run(
        settings,
        address,
        load=partial(application, settings, Table(), shared, os.getpid(), ready),
        on_start=partial(announce, settings, address, ready, on_ready),
    )
