"""Output probe: a small file by which other machines find out whether they see the folder of the scored files."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from adapters.host.whole_file import marker_file
from adapters.pyarrow.scoring.output_files import remove, write_errors_of, write_small
from adapters.pyarrow.table_path import TablePath
from domain.model.errors import OutputUnavailable


@dataclass(frozen=True, slots=True)
class OutputProbe:
    """Looks for the small file `marker` in `folder`; it can be sent to another process."""

    folder: TablePath
    marker: TablePath

    def __call__(self) -> str:
        """Return why this machine does not see the folder; '' if it does."""
        try:
            with write_errors_of(self.folder):
                is_seen = self.marker.info().is_file
        except OutputUnavailable as error:
            return f"the output folder {self.folder} cannot be read: {error.why}"
        return "" if is_seen else f"the output folder {self.folder} is not there, or is another folder of that name"


@contextmanager
def output_probe(folder: TablePath) -> Iterator[OutputProbe]:
    """Write the small file, and remove it when the context ends; raise `OutputUnavailable` if it cannot be written."""
    with ExitStack() as opened:
        with write_errors_of(folder):
            marker = opened.enter_context(_object(folder) if folder.is_remote else _file(folder))
        yield OutputProbe(folder, marker)


@contextmanager
def _file(folder: TablePath) -> Iterator[TablePath]:
    with marker_file(Path(str(folder))) as path:
        yield TablePath(str(path))


@contextmanager
def _object(folder: TablePath) -> Iterator[TablePath]:
    marker = folder.joined(f"_probe-{secrets.token_hex(4)}")
    write_small(marker, b"")
    try:
        yield marker
    finally:
        with suppress(OSError):
            remove(marker)
