"""Kept figures: the parent process reads the traffic of the last server from the disk, and keeps its own there."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from adapters.files.figures import FiguresFile
from adapters.shared_memory.traffic_ring import TrafficRing
from domain.errors import BackendUnavailable
from entrypoints.server.repeated import repeated

log = logging.getLogger(__name__)

KEEP_SECONDS = 300.0


@contextmanager
def kept_figures(ring: TrafficRing, file: FiguresFile, now: float) -> Iterator[None]:
    """Count in `ring` from the Unix time `now` on, after what `file` holds, and keep it there until the context ends.

    A server whose disk cannot be written counts all the same.
    """
    content = file.content()
    if content is not None and not ring.restore(content):
        log.warning("figures_not_read")
    ring.begin(now)
    try:
        with repeated("keep figures", lambda: _keep(ring, file), KEEP_SECONDS):
            yield
    finally:
        _keep(ring, file)


def _keep(ring: TrafficRing, file: FiguresFile) -> None:
    try:
        file.keep(ring.to_bytes())
    except BackendUnavailable as error:
        log.warning("figures_not_kept", extra={"why": str(error)})
