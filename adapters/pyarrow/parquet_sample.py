"""Parquet sample: a few rows from many places of the files, without reading all of them."""

from collections.abc import Iterator, Sequence
from functools import lru_cache, partial

import numpy as np
import numpy.typing as npt
from pyarrow import parquet

from adapters.pyarrow.decoded_batch import DecodedColumns, decoded
from adapters.pyarrow.parquet_files import ParquetFile, RowGroupRun
from adapters.pyarrow.row_selection import RowSelection
from domain.data.arrays import Block, Mask

# Places of a sample, at least, and the rows of each place of a larger sample.
MIN_PLACES, ROWS_OF_A_PLACE = 64, 64
# Numbers that are decoded for a sample: it is spread over as much of each run as that allows.
DECODED_VALUES = 4 * 1024 * 1024
# Bytes that are read at once: only the beginning of each column is needed.
READ_BYTES = 64 * 1024


def sampled_blocks(
    row_group_runs: Sequence[RowGroupRun],
    selection: RowSelection,
    columns: DecodedColumns,
    count: int,
    random: np.random.Generator,
) -> Iterator[Block]:
    """Yield `count` of the chosen rows, or a few less: places are drawn evenly from the table, then rows from each."""
    places = min(count, max(MIN_PLACES, count // ROWS_OF_A_PLACE))
    found = np.searchsorted(selection.starts, _drawn_evenly(selection.total, places, random), side="right") - 1
    rows_of_place = np.diff(np.linspace(0, count, places + 1).astype(int))
    rows_of_run = np.bincount(found, rows_of_place).astype(int)
    sampled = np.flatnonzero(rows_of_run).tolist()
    near = DECODED_VALUES // (len(columns.columns) * len(sampled))
    opened = lru_cache(maxsize=1)(partial(ParquetFile.open, buffer_size=READ_BYTES))
    for index in sampled:
        run, mask = row_group_runs[index], selection.mask(index)
        chosen = np.arange(run.count) if mask is None else np.flatnonzero(mask)
        yield from _blocks_at(run, opened(run.file), columns, _drawn(chosen, rows_of_run[index], near, random))


def _drawn_evenly(total: int, count: int, random: np.random.Generator) -> npt.NDArray[np.intp]:
    """Return a position out of each of `count` equal parts of `total` positions."""
    edges = np.linspace(0, total, count + 1).astype(np.intp)
    return random.integers(edges[:-1], edges[1:], dtype=np.intp)


def _drawn(chosen: npt.NDArray[np.intp], count: int, near: int, random: np.random.Generator) -> npt.NDArray[np.intp]:
    """Return `count` of the chosen rows, among the first `near` rows if those are enough."""
    candidates = chosen[: max(count, int(np.searchsorted(chosen, near)))]
    if count >= len(candidates):
        return candidates
    return candidates[_drawn_evenly(len(candidates), count, random)]


def _blocks_at(
    run: RowGroupRun, opened: parquet.ParquetFile, columns: DecodedColumns, rows: npt.NDArray[np.intp]
) -> Iterator[Block]:
    """Yield these rows of a run, and decode no further than the last of them."""
    mask: Mask = np.zeros(run.count, dtype=np.bool_)
    mask[rows] = True
    missing, reach = len(rows), int(rows[-1]) + 1
    for batch in decoded(run, opened, columns, reach, mask):
        for piece in batch.pieces(size=reach):
            block = batch.block(piece, columns.columns, np.empty(len(columns.columns) * reach, columns.dtype))
            missing -= len(block.target)
            yield block
        if not missing:
            return
