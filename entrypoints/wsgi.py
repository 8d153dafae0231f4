"""WSGI factory: the application for another WSGI server than that of `endeavour serve`.

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
from entrypoints.server.worker import following
from entrypoints.settings import Settings

# The other server alone knows where it listens, so that the worst is assumed.
ANY_ADDRESS = "0.0.0.0"  # noqa: S104  # compared with, not bound to


def create_app() -> Flask:
    """Return the application with a model loaded; to be called in each worker process, because it starts threads.

    Raises
    ------
    NoApiKeys
        If others than this host's clients might reach the server without a key.
    ConfigurationError, CorruptKeyFile, KeysUnavailable
        If a setting is wrong, or a variable could pass for a request's header; if the keys cannot be read.
    """
    settings = Settings.from_environment()
    lines = logs.configure_without_waiting(settings.log_level)
    reject_http_env_vars(os.environ)
    address = settings.advertised_address or ANY_ADDRESS
    names = host_names(settings, address)
    settings = resolve_anonymous_access(settings, address, FileKeyStore(settings.api_keys_file))
    container = Container(
        settings=providers.Object(settings),
        sync_status_path=providers.Object(_mirror() if settings.store == "mlflow" else ""),
        log_writer=providers.Object(lines),
        host_names=providers.Object(names),
    )
    if settings.store == "mlflow":
        container.metrics().registry = container.resolve_synced_champion().registry_status
    return following(container)


def _mirror() -> str:
    """Start a mirror that ends with this process, and return the path of its board."""
    running = ExitStack()
    mirror = running.enter_context(running_sync(lambda _: None))
    atexit.register(running.close)
    mirror.wait_for_first_poll()
    return mirror.board
