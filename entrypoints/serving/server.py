"""`serve`: the mirror, then a WSGI server with as many workers as the settings say."""

import contextlib
import multiprocessing
import os
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec

from adapters.rates.host import Table
from entrypoints import build
from entrypoints.serving.address import listening_address
from entrypoints.serving.admission import decide_on_keys, refuse_header_variables
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
    NoKeys
        If strangers could reach the server and nothing would stop them.
    WrongSetting, BrokenKeys, KeysUnavailable
        If a variable could pass for a request's header or names a server that is not installed; if there are keys and
        they cannot be read.
    """
    if find_spec(settings.server) is None:
        raise WrongSetting(f"ENDEAVOUR_SERVER is {settings.server}, which is not installed: add the extra of that name")
    refuse_header_variables(os.environ)
    address = listening_address(settings)
    settings = decide_on_keys(settings, address, build.key_store(settings))
    mirror = mirrored(settings) if settings.store == "mlflow" else contextlib.nullcontext()
    with contextlib.suppress(Terminated), mirror:
        _run(settings, address, on_ready)


def _run(settings: Settings, address: str, on_ready: Callable[[], None]) -> None:
    ready = multiprocessing.Semaphore(0)
    os.register_at_fork(after_in_child=end_at_once_while_starting)
    wsgi_server = import_module(f"entrypoints.serving.on_{settings.server}")
    wsgi_server.run(
        settings,
        address,
        load=partial(application, settings, Table(), os.getpid(), ready),
        on_start=partial(announce, settings, ready, on_ready),
    )
