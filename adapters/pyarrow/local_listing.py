"""Local listing: the files of a table on the disks of this host, by path, by directory or by pattern."""

import glob
from collections.abc import Iterator
from pathlib import Path

from adapters.pyarrow.table_names import is_visible, names_table, not_a_table
from domain.data.errors import UnreadableData


def files_at(place: str) -> list[Path]:
    """Return the files at a place in any order, or raise `UnreadableData` if nothing is there."""
    path = Path(place)
    return [path] if path.is_file() else _below(path) if path.is_dir() else _matching(place)


def _below(directory: Path) -> list[Path]:
    return [
        path for path in directory.rglob("*") if is_visible(path, directory) and path.is_file() and names_table(path)
    ]


def _matching(pattern: str) -> list[Path]:
    if not glob.has_magic(pattern):
        raise UnreadableData(pattern, "no such file")
    paths = list(_visible_matches(pattern))
    files = [path for path in paths if path.is_file()]
    for path in files:
        if not names_table(path):
            raise UnreadableData(pattern, not_a_table(path))
    # Spark and dask write a directory for each table.
    files += [file for path in paths if path.is_dir() and names_table(path) for file in _below(path)]
    if not files:
        raise UnreadableData(pattern, "no file matches the pattern")
    return files


def _visible_matches(pattern: str) -> Iterator[Path]:
    parts = Path(pattern).parts
    root = Path(*parts[: next(index for index, part in enumerate(parts) if glob.has_magic(part))])
    matches = map(Path, glob.glob(pattern, recursive=True))  # noqa: PTH207  # pattern may be absolute
    return (path for path in matches if is_visible(path, root))
