"""Which files a place means: a file, a directory, or a pattern."""

import glob
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from domain.errors import UnreadableData


class TableFormat(Enum):
    """How a table is written."""

    PARQUET = "Parquet"
    CSV = "CSV"


FORMATS = {".parquet": TableFormat.PARQUET, ".pq": TableFormat.PARQUET, ".csv": TableFormat.CSV}


@dataclass(frozen=True, slots=True)
class TableFiles:
    """The files that make one table, in its order, all of the same format."""

    paths: tuple[Path, ...]
    format: TableFormat


def find_table_files(place: str, without: Sequence[Path] = ()) -> TableFiles:
    """Return the files that `place` means, sorted by name.

    A directory means the Parquet or CSV files in it and below it; in a pattern such as ``data/**/*.parquet``, ``**``
    means any directories. In both, names that begin with a dot or an underscore are passed over. A file that is named
    itself is CSV unless its suffix says Parquet.

    Parameters
    ----------
    place : str
    without : sequence of Path
        Files that are not part of the table, such as those that are held out.

    Raises
    ------
    UnreadableData
        If nothing is there, or files of both formats are.
    """
    path = Path(place)
    if path.is_file():
        known = {path: FORMATS.get(path.suffix.lower(), TableFormat.CSV)}
    elif path.is_dir():
        known = _of_known_format(_visible(path.rglob("*"), path))
    else:
        known = _matching(place)
    if not known:
        raise UnreadableData(place, "no *.parquet, *.pq or *.csv file is in it")
    return _table(place, known, without)


def _matching(pattern: str) -> dict[Path, TableFormat]:
    if not glob.has_magic(pattern):
        raise UnreadableData(pattern, "no such file")
    paths = _visible(map(Path, glob.glob(pattern, recursive=True)), _fixed_part(pattern))  # noqa: PTH207  # pattern may be absolute
    if not paths:
        raise UnreadableData(pattern, "no file matches the pattern")
    known = _of_known_format(paths)
    for path in paths:
        if path not in known:
            raise UnreadableData(pattern, f"{path} is neither *.parquet, *.pq nor *.csv: use a narrower pattern")
    return known


def _fixed_part(pattern: str) -> Path:
    """Return the directories that the pattern names in full."""
    parts = Path(pattern).parts
    fixed = next(index for index, part in enumerate(parts) if glob.has_magic(part))
    return Path(*parts[:fixed])


def _visible(paths: Iterable[Path], below: Path) -> list[Path]:
    return [
        path
        for path in paths
        if path.is_file() and not any(part.startswith((".", "_")) for part in path.relative_to(below).parts)
    ]


def _of_known_format(paths: Iterable[Path]) -> dict[Path, TableFormat]:
    return {path: FORMATS[path.suffix.lower()] for path in paths if path.suffix.lower() in FORMATS}


def _table(place: str, known: dict[Path, TableFormat], without: Sequence[Path]) -> TableFiles:
    excluded = {path.resolve() for path in without}
    kept = sorted(path for path in known if path.resolve() not in excluded)
    if not kept:
        raise UnreadableData(place, "every file of it is held out: nothing is left to learn from")
    formats = {known[path] for path in kept}
    if len(formats) > 1:
        raise UnreadableData(place, "Parquet and CSV files are mixed: choose with a pattern, such as 'data/*.parquet'")
    return TableFiles(tuple(kept), formats.pop())
