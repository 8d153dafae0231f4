"""Tables from several CSV files that fit into memory together."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from adapters.tables.csv_dialect import require_columns
from adapters.tables.csv_source import CsvSource
from domain.dataset import Dataset
from domain.errors import BadCell

# Bytes from which the length of a line is estimated.
LOOKED_AT = 256 * 1024


def load_csv_files(paths: Sequence[Path], target: str, features: Sequence[str]) -> Dataset:
    """Return the rows of all files in one table; errors name the file if there are several."""
    if len(paths) == 1:
        return CsvSource(paths[0]).load(target, features)
    parts = [_part(path, target, features) for path in paths]
    return Dataset(
        np.concatenate([part.features for part in parts]),
        np.concatenate([part.target for part in parts]),
        tuple(features),
        target,
    )


def estimated_rows(paths: Sequence[Path]) -> int:
    """Return about how many lines the files have, as their sizes and first lines tell."""
    return sum(map(_estimated_rows, paths))


def _part(path: Path, target: str, features: Sequence[str]) -> Dataset:
    require_columns(path, (*features, target))
    try:
        return CsvSource(path).load(target, features)
    except BadCell as error:
        raise BadCell(error.row, error.column, error.why, place=str(path)) from None


def _estimated_rows(path: Path) -> int:
    with path.open("rb") as file:
        beginning = file.read(LOOKED_AT)
    return round(path.stat().st_size * max(1, beginning.count(b"\n")) / max(1, len(beginning)))
