"""`serve`: the mirror, then granian with as many workers as the settings say."""

import contextlib
import multiprocessing
import os
import threading
from collections.abc import Callable
from functools import partial
from multiprocessing.synchronize import Semaphore

from dependency_injector import providers

from domain.errors import EndeavourError
from entrypoints.container import Container
from entrypoints.network import listening_address
from entrypoints.observability.metrics.aggregator import MetricsChannel
from entrypoints.observability.metrics.http_server import metrics_port
from entrypoints.server.access_policy import host_names, reject_http_env_vars, resolve_anonymous_access
from entrypoints.server.registry_sync.supervisor import SyncProcess, running_sync
from entrypoints.signals import Terminated


def serve(container: Container, on_ready: Callable[[], None]) -> None:
    """Serve until SIGTERM, and return; or until Ctrl-C, and raise `KeyboardInterrupt`.

    Parameters
    ----------
    container : Container
    on_ready : callable
        Called once, from another thread, when every worker is ready and the server answers.

    Raises
    ------
    CannotListen
        If the port is taken, or the address is none of this host; nothing has been started then.
    NoApiKeys
        If other hosts could reach the server and it would need no key.
    ConfigurationError, CorruptKeyFile, KeysUnavailable
        If a variable could pass for a request's header; if there are keys and they cannot be read.
    """
    settings = container.settings()
    reject_http_env_vars(os.environ)
    address = listening_address(settings)
    names = host_names(settings, address)
    settings = resolve_anonymous_access(settings, settings.advertised_address or address, container.key_store())
    with contextlib.suppress(Terminated), contextlib.ExitStack() as running:
        figures, channel, board, mirror = container.metrics(), MetricsChannel(), "", None
        if settings.metrics_address:
            running.enter_context(metrics_port(*settings.metrics_address, figures.scrape))
        if settings.store == "mlflow":
            mirror = running.enter_context(running_sync(lambda outcome: figures.add({("registry_sync", outcome): 1})))
            board = mirror.board
            container.sync_status_path.override(providers.Object(board))
            figures.registry = container.resolve_synced_champion().registry_status
        channel.listen(figures)
        # While these are imported, the mirror gets started on another core.
        from entrypoints.server import granian_server as on_granian
        from entrypoints.server.worker import application, end_at_once_while_starting

        ready = multiprocessing.Semaphore(0)
        os.register_at_fork(after_in_child=end_at_once_while_starting)
        if mirror:
            _wait_for_champion(container, mirror)
        _announce(settings.workers, ready, on_ready)
        on_granian.run(
            settings,
            address,
            load=partial(
                application,
                os.getpid(),
                settings,
                rate_table=container.rate_table(),
                metrics=channel,
                sync_status_path=board,
                host_names=names,
            ),
            on_serving=ready.release,
        )


def _wait_for_champion(container: Container, mirror: SyncProcess) -> None:
    """Wait for the first poll of the registry, unless this host has a copy of a champion to answer with."""
    with contextlib.suppress(EndeavourError):
        if container.last_known_good().champion() is not None:
            return
    mirror.wait_for_first_poll()


def _announce(workers: int, ready: Semaphore, on_ready: Callable[[], None]) -> None:
    """Call `on_ready` from a thread of its own, once each of the `workers` has released `ready`."""

    def wait() -> None:
        for _ in range(workers):
            ready.acquire()
        on_ready()

    threading.Thread(target=wait, name="announcement", daemon=True).start()
