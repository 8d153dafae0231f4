"""Table files: the files at a place, which is a file, a directory, or a pattern, and the columns in their paths."""

import glob
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

from adapters.pyarrow.file_format import PARQUET_SUFFIXES, file_format
from domain.data.errors import UnreadableData

CSV_SUFFIXES = (".csv", ".tsv", ".csv.gz", ".csv.zst")
# The value that Hive, Spark and pandas write for an empty cell.
EMPTY_PARTITION = "__HIVE_DEFAULT_PARTITION__"


def is_parquet(path: Path) -> bool:
    """Return whether the file is Parquet, by its suffix, or by its first bytes if the suffix is not that of a table."""
    if _is_known(path):
        return path.suffix.lower() in PARQUET_SUFFIXES
    return file_format(path) == "parquet"


def partition_of(path: Path, place: str) -> dict[str, str | None]:
    """Return the values of the columns in the directories below `place`, by name, such as '2024' of ``year=2024/``."""
    pairs = (part.split("=", 1) for part in path.relative_to(_root(place)).parts[:-1] if "=" in part)
    return {unquote(name): None if value == EMPTY_PARTITION else unquote(value) for name, value in pairs}


def find_table_files(place: str, without: Sequence[Path] = ()) -> list[Path]:
    """Return the files at `place`, sorted by name, all of the same format, each once.

    A directory stands for the Parquet or CSV files in it and below it. In a pattern such as ``data/**/*.parquet``,
    ``**`` matches any directories. Names that begin with a dot or an underscore are skipped, and so are links to files
    that are there already.

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
    found = [path] if path.is_file() else _below(path) if path.is_dir() else _matching(place)
    if not found:
        raise UnreadableData(place, "no *.parquet, *.pq, *.csv or *.tsv file is in it")
    excluded = {path.resolve() for path in without}
    once = {path.resolve(): path for path in sorted(found, key=lambda path: (path.is_symlink(), path), reverse=True)}
    kept = sorted(path for real, path in once.items() if real not in excluded)
    if not kept:
        raise UnreadableData(place, "every file of it is held out, so that no row is left to learn from")
    if len(set(map(is_parquet, kept))) > 1:
        raise UnreadableData(place, "Parquet and CSV files are mixed; choose with a pattern, such as 'data/*.parquet'")
    return kept


def _below(directory: Path) -> list[Path]:
    return [path for path in _visible(directory.rglob("*"), directory) if path.is_file() and _is_known(path)]


def _matching(pattern: str) -> list[Path]:
    if not glob.has_magic(pattern):
        raise UnreadableData(pattern, "no such file")
    matches = map(Path, glob.glob(pattern, recursive=True))  # noqa: PTH207  # pattern may be absolute
    paths = list(_visible(matches, _root(pattern)))
    files = [path for path in paths if path.is_file()]
    for path in files:
        if not _is_known(path):
            raise UnreadableData(pattern, f"{path} is neither *.parquet, *.pq, *.csv nor *.tsv; use a narrower pattern")
    # Spark and dask write a directory for each table.
    files += [file for path in paths if path.is_dir() and _is_known(path) for file in _below(path)]
    if not files:
        raise UnreadableData(pattern, "no file matches the pattern")
    return files


def _root(place: str) -> Path:
    """Return the directory that all files of a place are in: for a pattern, that before the first wildcard."""
    path = Path(place)
    if path.is_dir():
        return path
    if path.is_file():
        return path.parent
    fixed = next(index for index, part in enumerate(path.parts) if glob.has_magic(part))
    return Path(*path.parts[:fixed])


def _visible(paths: Iterable[Path], below: Path) -> Iterator[Path]:
    return (path for path in paths if not any(part.startswith((".", "_")) for part in path.relative_to(below).parts))


def _is_known(path: Path) -> bool:
    return path.suffix.lower() in PARQUET_SUFFIXES or path.name.lower().endswith(CSV_SUFFIXES)
