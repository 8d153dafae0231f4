"""Table files: the files at a place, which is a file, a directory, or a pattern."""

import glob
from collections.abc import Iterable, Sequence
from pathlib import Path

from adapters.pyarrow.file_format import PARQUET_SUFFIXES
from domain.data.errors import UnreadableData

SUFFIXES = PARQUET_SUFFIXES | {".csv"}


def is_parquet(path: Path) -> bool:
    """Return whether the file is Parquet by its suffix; every other file is CSV."""
    return path.suffix.lower() in PARQUET_SUFFIXES


def find_table_files(place: str, without: Sequence[Path] = ()) -> list[Path]:
    """Return the files at `place`, sorted by name, all of the same format.

    A directory stands for the Parquet or CSV files in it and below it. In a pattern such as ``data/**/*.parquet``,
    ``**`` matches any directories. Names that begin with a dot or an underscore are skipped.

    Parameters
    ----------
    place : str
    without : sequence of Path
        Files to leave out, such as those that are held out.

    Raises
    ------
    UnreadableData
        If there is no file, or there are files of both formats.
    """
    path = Path(place)
    if path.is_file():
        found = [path]
    elif path.is_dir():
        found = [file for file in _visible(path.rglob("*"), path) if _is_known(file)]
    else:
        found = _matching(place)
    if not found:
        raise UnreadableData(place, "no *.parquet, *.pq or *.csv file is in it")
    excluded = {path.resolve() for path in without}
    kept = sorted(path for path in found if path.resolve() not in excluded)
    if not kept:
        raise UnreadableData(place, "every file of it is held out, so that no row is left to learn from")
    if len(set(map(is_parquet, kept))) > 1:
        raise UnreadableData(place, "Parquet and CSV files are mixed; choose with a pattern, such as 'data/*.parquet'")
    return kept


def _matching(pattern: str) -> list[Path]:
    if not glob.has_magic(pattern):
        raise UnreadableData(pattern, "no such file")
    paths = _visible(map(Path, glob.glob(pattern, recursive=True)), _fixed_part(pattern))  # noqa: PTH207  # pattern may be absolute
    if not paths:
        raise UnreadableData(pattern, "no file matches the pattern")
    for path in paths:
        if not _is_known(path):
            raise UnreadableData(pattern, f"{path} is neither *.parquet, *.pq nor *.csv; use a narrower pattern")
    return paths


def _fixed_part(pattern: str) -> Path:
    """Return the directories of the pattern before the first wildcard."""
    parts = Path(pattern).parts
    fixed = next(index for index, part in enumerate(parts) if glob.has_magic(part))
    return Path(*parts[:fixed])


def _visible(paths: Iterable[Path], below: Path) -> list[Path]:
    return [
        path
        for path in paths
        if path.is_file() and not any(part.startswith((".", "_")) for part in path.relative_to(below).parts)
    ]


def _is_known(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES
