"""The process that copies the champion from the registry to this host, for the workers to read.

It is `python -m entrypoints.serving.mirror PARENT BOARD`: the process to end with, and the path of the shared memory.
It says `asking` on its standard output when its first question goes out, and after every question whether it could be
`confirmed` that the champion is here, or that `failed`. Nothing the registry does or fails to do ends it.
"""

import logging
import random
import signal
import sys
import time
from collections.abc import Callable

from dependency_injector import providers

from domain.errors import BackendUnavailable
from domain.mirror_report import MirrorReport, RegistryState
from entrypoints import logs
from entrypoints.build import LONGEST_WAIT
from entrypoints.container import Container
from entrypoints.serving.lifeline import end_with

log = logging.getLogger(__name__)

ASKING, CONFIRMED, FAILED = "asking", "confirmed", "failed"
# A registry that is down is asked half as often each time, but every 5 s at least: one small request from each host is
# no burden to it, and what is promoted after its return is served within seconds instead of a minute.
LONGEST_PAUSE = 5.0
# Hosts that were started together, or lost the registry together, must not come back in step.
JITTER = 0.1
# A registry whose champion waits for a person's word is well, and that word is to be heard within a poll.
FAILURES = (RegistryState.DOWN, RegistryState.BAD)
MOST_DOUBLINGS = 16


def main(parent: int, board: str) -> None:
    """Mirror until a signal comes or the parent ends."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with(parent)
    container = Container(board_path=providers.Object(board))
    settings = container.settings()
    logs.configure_without_waiting(settings.log_level)
    logs.log_crashes()
    mirror = container.mirror_champion()
    ask = reporting(mirror)
    _say(ASKING)
    failures = 0
    while True:
        state = ask()
        _say(CONFIRMED if state is RegistryState.OK else FAILED)
        failures = failures + 1 if state in FAILURES else 0
        time.sleep(max(pause(settings.poll_seconds, failures), min(mirror.asked_to_wait, LONGEST_WAIT)))


def reporting(mirror: Callable[[], MirrorReport]) -> Callable[[], RegistryState]:
    """Return `mirror`, made to log what is wrong when that changes, and to answer with how the registry was found."""
    last = ""

    def ask() -> RegistryState:
        nonlocal last
        state = RegistryState.DOWN
        try:
            report = mirror()
            state, problem = report.state, report.reason
        except BackendUnavailable as error:
            problem = str(error)
        except Exception as error:
            problem = f"unexpected {type(error).__name__}"
            log.debug("mirror_failed", exc_info=True)
        if problem != last:
            _tell(state, problem)
        last = problem
        return state

    return ask


def _tell(state: RegistryState, problem: str) -> None:
    if state is RegistryState.FEATURES_CHANGED:
        log.warning("champion_refused", extra={"reason": str(state), "why": problem})
    elif problem:
        log.warning("registry_lost", extra={"why": problem})
    else:
        log.info("registry_found")


def pause(poll_seconds: float, failures: int) -> float:
    """Return how many seconds to wait after so many failures in a row."""
    longest = max(poll_seconds, LONGEST_PAUSE)
    seconds = min(longest, poll_seconds * 2.0 ** min(failures, MOST_DOUBLINGS))
    return seconds * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  # it spreads load, it guards nothing


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
