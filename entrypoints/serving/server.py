"""`serve`: the mirror, then a WSGI server with as many workers as the settings say."""

import contextlib
import multiprocessing
import os
import threading
from collections.abc import Callable
from functools import partial
from multiprocessing.synchronize import Semaphore

from adapters.rates.host import Table
from application.latest_mirrored import LatestMirrored
from domain.errors import EndeavourError
from entrypoints import build
from entrypoints.metrics.figures import Channel, Figures
from entrypoints.metrics.port import metrics_port
from entrypoints.serving.address import listening_address
from entrypoints.serving.admission import decide_on_keys, host_names, refuse_header_variables
from entrypoints.serving.mirroring import Mirror, mirrored
from entrypoints.settings import Settings
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
        If a variable could pass for a request's header; if there are keys and they cannot be read.
    """
    refuse_header_variables(os.environ)
    address = listening_address(settings)
    names = host_names(settings, address)
    settings = decide_on_keys(settings, settings.published or address, build.key_store(settings))
    with contextlib.suppress(Terminated), contextlib.ExitStack() as running:
        figures, channel = Figures(), Channel()
        running.enter_context(metrics_port(settings, figures.scrape))
        mirror = None
        if settings.store == "mlflow":
            mirror = running.enter_context(mirrored(lambda outcome: figures.add({("mirror_outcomes", outcome): 1})))
            figures.registry = _latest(settings, mirror).registry
        channel.listen(figures)
        _run(settings, address, names, mirror, channel, on_ready)


def _run(
    settings: Settings,
    address: str,
    names: frozenset[str],
    mirror: Mirror | None,
    channel: Channel,
    on_ready: Callable[[], None],
) -> None:
    # While this is imported, the mirror gets started on another core.
    from entrypoints.serving import on_granian
    from entrypoints.serving.worker import application, end_at_once_while_starting

    ready = multiprocessing.Semaphore(0)
    os.register_at_fork(after_in_child=end_at_once_while_starting)
    if mirror and not _is_known(settings):
        mirror.wait_for_first_poll()
    on_granian.run(
        settings,
        address,
        load=partial(
            application, settings, Table(), channel, os.getpid(), ready, mirror.board if mirror else "", names
        ),
        on_start=partial(_announce, settings.workers, ready, on_ready),
    )


def _announce(workers: int, ready: Semaphore, on_ready: Callable[[], None]) -> None:
    """Call `on_ready` from a thread of its own, once each of the `workers` has released `ready`."""

    def wait() -> None:
        for _ in range(workers):
            ready.acquire()
        on_ready()

    threading.Thread(target=wait, name="announcement", daemon=True).start()


def _latest(settings: Settings, mirror: Mirror) -> LatestMirrored:
    """Return what this process knows of the registry, as its workers do."""
    copy = build.last_known_good(settings)
    return build.latest_mirrored(settings, build.board(settings, mirror.board), copy, build.monotonic)


def _is_known(settings: Settings) -> bool:
    """Return whether this host can answer with a champion before the first poll of the registry."""
    try:
        return build.last_known_good(settings).champion() is not None
    except EndeavourError:
        return False
