"""Registry sync: the process that copies the champion from the registry to this host, for the workers to read.

`python -m entrypoints.server.registry_sync.process PARENT STATUS` runs until the process PARENT ends. It publishes its
reports to the file STATUS, and prints the outcome of each poll: `confirmed` if the champion is here, else `failed`.
"""

import logging
import os
import random
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from dependency_injector import providers

from domain.delivery.sync_report import RegistryState, SyncReport
from domain.errors import BackendUnavailable
from entrypoints.container import Container
from entrypoints.factories.registry_sync import MAX_THROTTLE_SECONDS
from entrypoints.observability import logs
from entrypoints.server.parent_watchdog import exit_when_parent_dies

log = logging.getLogger(__name__)

CONFIRMED, FAILED = "confirmed", "failed"
ANSWERED = (RegistryState.OK, RegistryState.AWAITING_APPROVAL)
# Between two looks at whether it is time to publish the catalog.
LOOK_SECONDS = 0.5
# Each failure doubles the interval up to this bound, so that a promotion is served within seconds once the registry is
# back.
MAX_BACKOFF_SECONDS = 5.0
# Of the interval, so that hosts that were started together poll at different times.
JITTER = 0.1


def main(parent: int, status_path: str) -> None:
    """Poll the registry until a signal comes or the process `parent` ends."""

    def end(*_: object) -> None:
        if os.getppid() != parent:  # the parent was killed, and does not remove the folder of the status
            shutil.rmtree(Path(status_path).parent, ignore_errors=True)
        sys.exit(0)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    exit_when_parent_dies(parent)
    container = Container(sync_status_path=providers.Object(status_path))
    settings = container.settings()
    logs.configure_without_waiting(settings.log_level)
    logs.log_crashes()
    sync, answered = container.sync_champion(), threading.Event()
    witness = container.ledger_witness()
    publish_in_thread(
        container.publish_catalog(),
        lambda: (sync.champion_name, witness.head()) if answered.is_set() else None,
    )
    interval, problem = settings.registry_poll_seconds, ""
    while True:
        state, problem = poll(sync, problem)
        with suppress(BrokenPipeError):  # the parent has ended, and SIGTERM comes within a second
            os.write(sys.stdout.fileno(), f"{CONFIRMED if state is RegistryState.OK else FAILED}\n".encode())
        (answered.set if state in ANSWERED else answered.clear)()
        interval = next_interval(interval, state, settings.registry_poll_seconds)
        jittered = interval * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  # it spreads load, it guards nothing
        time.sleep(max(jittered, min(sync.retry_after_seconds, MAX_THROTTLE_SECONDS)))


def publish_in_thread(publish: Callable[[object], None], read: Callable[[], object | None]) -> None:
    """Start a thread that publishes the catalog, so that no poll waits for it.

    Parameters
    ----------
    publish : callable
        Takes what `read` has returned, and is called every `LOOK_SECONDS`.
    read : callable
        Returns the name of the champion and the head of the ledger, None while the registry does not answer.
    """

    def repeat() -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            found = read()
            try:
                if found is not None:
                    publish(found)
            except Exception:
                log.exception("background_job_failed", extra={"job": "publish catalog"})

    threading.Thread(target=repeat, name="publish catalog", daemon=True).start()


def poll(sync: Callable[[], SyncReport], previous: str) -> tuple[RegistryState, str]:
    """Return the registry's state and problem, '' if there is none; log the problem unless it is the `previous` one."""
    state = RegistryState.UNREACHABLE
    try:
        report = sync()
        state, problem = report.state, report.reason
    except BackendUnavailable as error:
        problem = str(error)
    except Exception as error:
        problem = f"unexpected {type(error).__name__}"
        log.debug("registry_sync_failed", exc_info=True)
    if problem != previous:
        _log(state, problem)
    return state, problem


def _log(state: RegistryState, problem: str) -> None:
    if state is RegistryState.AWAITING_APPROVAL:
        log.warning("champion_refused", extra={"why": problem})
    elif state is RegistryState.INVALID:
        log.warning("registry_invalid", extra={"why": problem})
    elif problem:
        log.warning("registry_unreachable", extra={"why": problem})
    else:
        log.info("registry_recovered")


def next_interval(interval: float, state: RegistryState, poll_seconds: float) -> float:
    """Return the seconds until the next poll; they double after a failure.

    A champion that waits for approval is no failure, so that the approval takes effect within one poll.
    """
    if state in ANSWERED:
        return poll_seconds
    return min(2 * interval, max(poll_seconds, MAX_BACKOFF_SECONDS))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
