"""Table files: the files at a place, which is a file, a directory, or a pattern, and the columns in their paths."""

import glob
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePath
from typing import TypeVar
from urllib.parse import unquote

from adapters.pyarrow.file_format import PARQUET_SUFFIXES, file_format
from adapters.pyarrow.local_listing import files_at
from adapters.pyarrow.object_listing import objects_at
from adapters.pyarrow.table_names import names_table
from adapters.pyarrow.table_path import TablePath
from domain.data.errors import UnreadableData

# The value that Hive, Spark and pandas write for an empty cell.
EMPTY_PARTITION = "__HIVE_DEFAULT_PARTITION__"
# Objects whose headers or footers are read at once.
STORE_THREADS = 16

Item = TypeVar("Item")
Result = TypeVar("Result")


def is_parquet(path: TablePath) -> bool:
    """Return whether the file is Parquet, by its suffix, or by its first bytes if the suffix is not that of a table."""
    if names_table(path.pure):
        return path.pure.suffix.lower() in PARQUET_SUFFIXES
    return file_format(path) == "parquet"


def partition_of(path: TablePath, place: str) -> dict[str, str | None]:
    """Return the values of the columns in the directories below `place`, by name, such as '2024' of ``year=2024/``."""
    directories = path.pure.relative_to(root_of(path.pure, TablePath(place).pure)).parts[:-1]
    pairs = (part.split("=", 1) for part in directories if "=" in part)
    return {unquote(name): None if value == EMPTY_PARTITION else unquote(value) for name, value in pairs}


def find_table_files(place: str, without: Sequence[TablePath] = ()) -> list[TablePath]:
    """Return the files at `place`, sorted by name, all of the same format, each once.

    A directory stands for the Parquet or CSV files in it and below it. In a pattern such as ``data/**/*.parquet``,
    ``**`` matches any directories. Names that begin with a dot or an underscore are skipped, and so are links to files
    that are there already.

    Parameters
    ----------
    place : str
    without : sequence of TablePath
        Files to leave out, such as those that are held out.

    Raises
    ------
    UnreadableData
        If there is no file, or there are files of both formats.
    OSError
        If an object store does not answer.
    """
    once = _objects(place) if TablePath(place).is_remote else _local_files(place)
    if not once:
        raise UnreadableData(place, "no *.parquet, *.pq, *.csv or *.tsv file is in it")
    excluded = set(map(_identity, without))
    kept = sorted(path for real, path in once.items() if real not in excluded)
    if not kept:
        raise UnreadableData(place, "every file of it is held out, so that no row is left to learn from")
    if len(set(map(is_parquet, kept))) > 1:
        raise UnreadableData(place, "Parquet and CSV files are mixed; choose with a pattern, such as 'data/*.parquet'")
    return kept


def _objects(place: str) -> dict[PurePath, TablePath]:
    return {_identity(path): path for path in objects_at(TablePath(place))}


def _local_files(place: str) -> dict[PurePath, TablePath]:
    """Return the files by the paths to which links lead; a file that is no link comes before links to it."""
    found = sorted(files_at(place), key=lambda path: (path.is_symlink(), path), reverse=True)
    return {path.resolve(): TablePath(str(path)) for path in found}


def _identity(path: TablePath) -> PurePath:
    return path.pure if path.is_remote else Path(path.text).resolve()


def root_of(path: PurePath, place: PurePath) -> PurePath:
    """Return the directory that all files of a place are in: for a pattern, that before the first wildcard."""
    if path == place:
        return place.parent
    if path.is_relative_to(place):
        return place
    fixed = next(index for index, part in enumerate(place.parts) if glob.has_magic(part))
    return type(place)(*place.parts[:fixed])


def read_each(items: Sequence[Item], read: Callable[[Item], Result], *, is_remote: bool) -> list[Result]:
    """Return what is read for each item: one by one from a disk, several at once from a store, which answers slowly."""
    with ThreadPoolExecutor(STORE_THREADS if is_remote else 1) as threads:
        return list(threads.map(read, items))
