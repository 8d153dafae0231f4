"""Parquet sample: a few rows from many places of the files, without reading all of them."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from pyarrow import parquet

from adapters.pyarrow.decoded_batch import DecodedColumns, decoded
from adapters.pyarrow.parquet_files import ParquetFile, RowGroupRun
from adapters.pyarrow.row_selection import RowSelection
from domain.data.arrays import Block, Mask

# Places of a sample, at least, and the rows of each place of a larger sample.
MIN_PLACES, ROWS_OF_A_PLACE = 64, 64
# Bytes that are read at once: only the beginning of each column is needed.
READ_BYTES = 64 * 1024


class Draw(NamedTuple):
    """Rising positions of rows in a run of an open file."""

    run: RowGroupRun
    opened: parquet.ParquetFile
    rows: npt.NDArray[np.intp]


def draws(
    row_group_runs: Sequence[RowGroupRun],
    selection: RowSelection,
    near: int,
    count: int,
    random: np.random.Generator,
    texts: Sequence[str],
) -> Iterator[Draw]:
    """Yield `count` of the chosen rows, or a few less: places are drawn evenly from the table, then rows from each.

    Parameters
    ----------
    row_group_runs : sequence of RowGroupRun
    selection : RowSelection
    near : int
        Rows of the table that may be decoded.
    count : int
    random : numpy.random.Generator
    texts : sequence of str
        Columns that are read as text.
    """
    places = min(count, max(MIN_PLACES, count // ROWS_OF_A_PLACE))
    found = np.searchsorted(selection.starts, _drawn_evenly(selection.total, places, random), side="right") - 1
    rows_of_place = np.diff(np.linspace(0, count, places + 1).astype(int))
    rows_of_run = np.bincount(found, rows_of_place).astype(int)
    sampled = np.flatnonzero(rows_of_run).tolist()
    reach = near // max(1, len(sampled))
    opened = lru_cache(maxsize=1)(partial(ParquetFile.open, texts=texts, buffer_size=READ_BYTES))
    for index in sampled:
        run, wanted = row_group_runs[index], int(rows_of_run[index])
        chosen = _chosen(selection, index, min(run.count, max(reach, wanted)))
        if len(chosen) < wanted:  # the rule leaves most of those out
            chosen = _chosen(selection, index, run.count)
        yield Draw(run, opened(run.file), _drawn(chosen, wanted, reach, random))


def sampled_blocks(drawn: Iterable[Draw], columns: DecodedColumns) -> Iterator[Block]:
    """Yield the drawn rows as blocks."""
    for draw in drawn:
        yield from _blocks_at(draw, columns)


def _chosen(selection: RowSelection, run: int, rows: int) -> npt.NDArray[np.intp]:
    """Return the positions of the chosen ones of a run's first `rows` rows."""
    mask = selection.mask(run, rows)
    return np.arange(rows) if mask is None else np.flatnonzero(mask)


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


def _blocks_at(draw: Draw, columns: DecodedColumns) -> Iterator[Block]:
    """Yield the rows of a draw, and decode no further than the last of them."""
    run, opened, rows = draw
    mask: Mask = np.zeros(run.count, dtype=np.bool_)
    mask[rows] = True
    missing, reach = len(rows), int(rows[-1]) + 1
    for batch in decoded(run, opened, columns, reach, mask):
        for piece in batch.pieces(size=reach):
            block = batch.block(piece, columns.columns, np.empty(len(columns.readings) * reach, columns.dtype))
            missing -= len(block.target)
            yield block
        if not missing:
            return
