"""The process that copies the champion from the registry to this host: `python -m entrypoints.serving.mirror PARENT`.

It says `asking` on its standard output when its first question goes out, and of every question whether the champion was
`confirmed` or that `failed`. Nothing the registry does or fails to do ends it.
"""

import logging
import random
import signal
import sys
import time
from collections.abc import Callable

from domain.errors import BackendUnavailable
from entrypoints import logs
from entrypoints.container import Container
from entrypoints.metrics.registry_watch import CONFIRMED, FAILED
from entrypoints.serving.lifeline import end_with

log = logging.getLogger(__name__)

ASKING = "asking"
# A registry that is down is asked half as often each time, but every 5 s at least: one small request from each host is
# no burden to it, and what is promoted after its return is served within seconds instead of a minute.
LONGEST_PAUSE = 5.0
# Hosts that were started together, or lost the registry together, must not come back in step.
JITTER = 0.1
MOST_DOUBLINGS = 16


def main(parent: int) -> None:
    """Mirror until a signal comes or the parent ends."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with(parent)
    container = Container()
    settings = container.settings()
    logs.configure_without_waiting(settings.log_level)
    mirror = reporting(container.mirror_champion())
    _say(ASKING)
    failures = 0
    while True:
        problem = mirror()
        _say(FAILED if problem else CONFIRMED)
        failures = failures + 1 if problem else 0
        time.sleep(pause(settings.poll_seconds, failures))


def reporting(mirror: Callable[[], str | None]) -> Callable[[], str | None]:
    """Return `mirror`, made to log what is wrong when that changes, and to give every failure as its answer."""
    last: str | None = None

    def ask() -> str | None:
        nonlocal last
        try:
            problem = mirror()
        except BackendUnavailable as error:
            problem = str(error)
        except Exception as error:
            problem = f"unexpected {type(error).__name__}"
            log.debug("mirror_failed", exc_info=True)
        if problem != last:
            if problem:
                log.warning("registry_lost", extra={"why": problem})
            else:
                log.info("registry_found")
        last = problem
        return problem

    return ask


def pause(poll_seconds: float, failures: int) -> float:
    """Return how many seconds to wait after so many failures in a row."""
    longest = max(poll_seconds, LONGEST_PAUSE)
    seconds = min(longest, poll_seconds * 2.0 ** min(failures, MOST_DOUBLINGS))
    return seconds * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  # it spreads load, it guards nothing


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
