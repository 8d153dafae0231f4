"""Table names: the names of files that hold tables, and those of files and directories that are skipped."""

from pathlib import PurePath

from adapters.pyarrow.file_format import PARQUET_SUFFIXES

CSV_SUFFIXES = (".csv", ".tsv", ".csv.gz", ".csv.zst")


def names_table(path: PurePath) -> bool:
    """Return whether a path has the suffix of a table."""
    return path.suffix.lower() in PARQUET_SUFFIXES or path.name.lower().endswith(CSV_SUFFIXES)


def is_visible(path: PurePath, below: PurePath) -> bool:
    """Return whether no name of a path below a directory begins with a dot or an underscore."""
    return not any(part.startswith((".", "_")) for part in path.relative_to(below).parts)


def not_a_table(path: object) -> str:
    """Return why a file that a pattern matches is refused."""
    return f"{path} is neither *.parquet, *.pq, *.csv nor *.tsv; use a narrower pattern"
