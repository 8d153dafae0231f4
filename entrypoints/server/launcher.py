"""Launcher of `endeavour serve`: starts the registry sync, then granian with its workers."""

import contextlib
import logging
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.synchronize import Semaphore
from typing import TYPE_CHECKING

from dependency_injector import providers

from entrypoints.container import Container
from entrypoints.git_revision import code_revision, release
from entrypoints.network import listening_address
from entrypoints.observability.metrics.aggregator import MetricsChannel
from entrypoints.observability.metrics.http_server import serve_metrics
from entrypoints.server.access_policy import host_names, reject_http_env_vars, resolve_anonymous_access
from entrypoints.server.allocator import return_freed_memory
from entrypoints.server.host_log import HostLog
from entrypoints.server.kept_figures import kept_figures
from entrypoints.server.registry_sync.supervisor import SyncProcess, running_sync
from entrypoints.server.repeated import repeated
from entrypoints.settings import Settings, log_unknown_settings
from entrypoints.signals import Terminated

if TYPE_CHECKING:
    from flask import Flask

log = logging.getLogger(__name__)

# Between two looks at the other hosts of the service.
WATCH_SECONDS = 5.0
MARK_DRIFT_SECONDS = 30.0
# What is made before the fork, so that all workers have the same.
SHARED = (
    *("drift_history", "drift_log", "order_board", "others_log", "own_session_secret", "rate_table", "replica_board"),
    *("rollout_stop", "started_at", "sync_status_path", "traffic_log", "used_tokens"),
)


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
        If the port is taken, or this host does not have the address; nothing has been started then.
    NoApiKeys
        If other hosts could reach the server and it would need no key.
    ConfigurationError, CorruptKeyFile, KeysUnavailable
        If a variable could pass for a request's header; if there are keys and they cannot be read.
    """
    return_freed_memory()
    settings = container.settings()
    reject_http_env_vars(os.environ)
    address = listening_address(settings)
    names = host_names(settings, address)
    build = {"version": release(), "revision": code_revision(settings.code_revision)}
    log.info("server_starting", extra={**build, "address": f"{settings.host}:{settings.port}"})
    log_unknown_settings(os.environ)
    feedback_keys = container.feedback_keys()
    settings = resolve_anonymous_access(settings, settings.advertised_address or address, container.key_store())
    with contextlib.suppress(Terminated), contextlib.ExitStack() as running:
        container.metrics().add({("build_info", *build.values()): 1, ("host_info", container.host()): 1})
        if settings.metrics_address:
            running.enter_context(serve_metrics(*settings.metrics_address, container.metrics().scrape))
        host_log = running.enter_context(_recorded(container))
        sync = running.enter_context(_synced(container, host_log)) if settings.store == "mlflow" else None
        container.metrics().drift_report = container.watch_drift()
        container.metrics().orders = container.give_order().pending
        if settings.replicas:
            running.enter_context(repeated("watch replicas", container.watch_replicas(), WATCH_SECONDS))
        # While these are imported, the sync process starts on another core.
        from entrypoints.server import granian_server
        from entrypoints.server.worker import exit_on_sigterm_while_starting

        ready = multiprocessing.Semaphore(0)
        os.register_at_fork(after_in_child=exit_on_sigterm_while_starting)
        if sync:
            sync.wait_for_champion(container.last_known_good())
        _follow_starts(settings.workers, ready, on_ready, host_log.worker_replaced)
        load = _worker_app(container, settings, feedback_keys=feedback_keys, host_names=names)
        granian_server.run(settings, address, load, on_serving=ready.release)


@contextlib.contextmanager
def _recorded(container: Container) -> Iterator[HostLog]:
    """Keep the figures and the changes of this host while the context lasts."""
    host_log = HostLog(container.host_changes(), container.clock(), container.host())
    traffic = container.traffic_log()
    with (
        kept_figures(
            (traffic.table, container.others_log().table, container.drift_history().table), container.figures_file()
        ),
        repeated("mark drift", container.mark_drift(), MARK_DRIFT_SECONDS),
    ):
        traffic.begin(container.started_at())
        host_log.started()
        yield host_log


@contextlib.contextmanager
def _synced(container: Container, host_log: HostLog) -> Iterator[SyncProcess]:
    """Run the registry sync while the context lasts, and count its polls."""
    metrics = container.metrics()

    def count_poll(outcome: str) -> None:
        metrics.add({("registry_sync", outcome): 1})
        host_log.polled()

    with running_sync(count_poll) as sync:
        container.sync_status_path.override(providers.Object(sync.status_path))
        registry_status = container.resolve_synced_champion().registry_status
        host_log.registry_status = registry_status
        metrics.registry_status = lambda: registry_status() if sync.has_polled else None
        metrics.ledger_head = container.ledger_witness().head
        yield sync


def _worker_app(container: Container, settings: Settings, **objects: object) -> "Callable[[], Flask]":
    """Return what makes the application in a worker, with what all workers of this host share."""
    from entrypoints.server.worker import build_worker_app

    channel = MetricsChannel()
    channel.listen(container.metrics())
    shared = {name: getattr(container, name)() for name in SHARED}
    return partial(build_worker_app, os.getpid(), settings, metrics=channel, **shared, **objects)


def _follow_starts(
    workers: int, ready: Semaphore, on_ready: Callable[[], None], on_replaced: Callable[[], None]
) -> None:
    """Start a thread that calls `on_ready` once each of the `workers` has released `ready`.

    Each later release is that of a worker that has taken the place of another, for which it calls `on_replaced`.
    """

    def follow() -> None:
        for _ in range(workers):
            ready.acquire()
        on_ready()
        while True:
            ready.acquire()
            on_replaced()

    threading.Thread(target=follow, name="worker starts", daemon=True).start()
