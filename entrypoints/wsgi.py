"""WSGI factory: the application for another WSGI server than the one of `endeavour serve`.

For example `gunicorn --threads 16 'entrypoints.wsgi:create_app()'`; docs/settings.md has what differs.
"""

import atexit
import os
from contextlib import ExitStack

from dependency_injector import providers
from flask import Flask

from adapters.files.key_store import FileKeyStore
from entrypoints.container import Container
from entrypoints.observability import logs
from entrypoints.server.access_policy import host_names, reject_http_env_vars, resolve_anonymous_access
from entrypoints.server.registry_sync.supervisor import running_sync
from entrypoints.server.worker import build_refreshed_app
from entrypoints.settings import Settings, log_unknown_settings

# Only the other server can read where it listens, so every host may reach it.
ANY_ADDRESS = "0.0.0.0"  # noqa: S104  # compared with, not bound to


def create_app() -> Flask:
    """Return the application with a model loaded; to be called in each worker process, because it starts threads.

    Raises
    ------
    NoApiKeys
        If other hosts might reach the server without a key.
    ConfigurationError, CorruptKeyFile, KeysUnavailable
        If a setting is wrong, or a variable could pass for a request's header; if the keys cannot be read.
    """
    settings = Settings.from_environment()
    log_writer = logs.configure_without_waiting(settings.log_level, with_pid=True)
    logs.log_crashes()
    log_unknown_settings(os.environ)
    reject_http_env_vars(os.environ)
    address = settings.advertised_address or ANY_ADDRESS
    names = host_names(settings, address)
    settings = resolve_anonymous_access(settings, address, FileKeyStore(settings.api_keys_file))
    container = Container(
        settings=providers.Object(settings),
        log_writer=providers.Object(log_writer),
        host_names=providers.Object(names),
    )
    container.metrics().orders = container.give_order().pending
    container.metrics().drift_report = container.watch_drift()
    if settings.store == "mlflow":
        _start_sync(container)
    return build_refreshed_app(container)


def _start_sync(container: Container) -> None:
    """Start a sync process that ends with this one, and have `container` read its reports."""
    running, metrics = ExitStack(), container.metrics()
    sync = running.enter_context(running_sync(lambda outcome: metrics.add({("registry_sync", outcome): 1})))
    atexit.register(running.close)
    container.sync_status_path.override(providers.Object(sync.status_path))
    registry_status = container.resolve_synced_champion().registry_status
    metrics.registry_status = lambda: registry_status() if sync.has_polled else None
    metrics.ledger_head = container.ledger_witness().head
    sync.wait_for_champion(container.last_known_good())
