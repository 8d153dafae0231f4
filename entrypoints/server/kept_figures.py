"""Kept figures: the parent process reads the figures of the last server from the disk, and keeps its own there."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import accumulate, pairwise

from adapters.files.figures import FiguresFile
from adapters.shared_memory.shared_table import SharedTable
from domain.errors import BackendUnavailable
from entrypoints.server.repeated import repeated

log = logging.getLogger(__name__)

KEEP_SECONDS = 60.0


@contextmanager
def kept_figures(tables: Sequence[SharedTable], file: FiguresFile) -> Iterator[None]:
    """Restore what `file` holds of each table, and keep the tables there until the context ends.

    A server whose disk cannot be written, or whose file another server keeps, counts all the same.
    """
    with ExitStack() as running:
        try:
            running.enter_context(file.owned())
        except BackendUnavailable as error:
            _not_kept(error)
        else:
            _restore(tables, file)
            running.callback(_keep, tables, file)
            running.enter_context(repeated("keep figures", lambda: _keep(tables, file), KEEP_SECONDS))
        yield


def _restore(tables: Sequence[SharedTable], file: FiguresFile) -> None:
    content = file.content()
    if content is None:
        return
    ends = list(accumulate((table.size for table in tables), initial=0))
    if not all(table.restore(content[begin:end]) for table, (begin, end) in zip(tables, pairwise(ends), strict=True)):
        log.warning("figures_not_read")


def _keep(tables: Sequence[SharedTable], file: FiguresFile) -> None:
    try:
        file.keep(b"".join(table.to_bytes() for table in tables))
    except BackendUnavailable as error:
        _not_kept(error)


def _not_kept(error: BackendUnavailable) -> None:
    log.warning("figures_not_kept", extra={"why": str(error)})
