"""WSGI factory: the application for another WSGI server than that of `endeavour serve`.

For example `gunicorn --threads 16 'entrypoints.wsgi:create_app()'`; docs/settings.md has what differs.
"""

import atexit
import os
from contextlib import ExitStack

from dependency_injector import providers
from flask import Flask

from adapters.files.key_store import FileKeyStore
from entrypoints import logs
from entrypoints.container import Container
from entrypoints.serving.admission import decide_on_keys, host_names, refuse_header_variables
from entrypoints.serving.mirroring import mirrored
from entrypoints.serving.worker import following
from entrypoints.settings import Settings

# The other server alone knows where it listens, so that the worst is assumed.
ANY_ADDRESS = "0.0.0.0"  # noqa: S104  # compared with, not bound to


def create_app() -> Flask:
    """Return the application with a model loaded; to be called in each worker process, because it starts threads.

    Raises
    ------
    NoKeys
        If others than this host's clients might reach the server without a key.
    WrongSetting, BrokenKeys, KeysUnavailable
        If a setting is wrong, or a variable could pass for a request's header; if the keys cannot be read.
    """
    settings = Settings.from_environment()
    lines = logs.configure_without_waiting(settings.log_level)
    refuse_header_variables(os.environ)
    address = settings.published or ANY_ADDRESS
    names = host_names(settings, address)
    settings = decide_on_keys(settings, address, FileKeyStore(settings.keys))
    container = Container(
        settings=providers.Object(settings),
        board_path=providers.Object(_mirror() if settings.store == "mlflow" else ""),
        lines=providers.Object(lines),
        host_names=providers.Object(names),
    )
    if settings.store == "mlflow":
        container.figures().registry = container.latest_mirrored().registry
    return following(container)


def _mirror() -> str:
    """Start a mirror that ends with this process, and return the path of its board."""
    running = ExitStack()
    mirror = running.enter_context(mirrored(lambda _: None))
    atexit.register(running.close)
    mirror.wait_for_first_poll()
    return mirror.board
