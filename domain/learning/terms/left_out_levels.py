"""Left-out levels: notes on the texts of categories that a model does not keep, and on their rows."""

from collections.abc import Iterator

import numpy as np

from domain.data.arrays import FloatArray
from domain.data.columns import Column
from domain.data.quoting import quoted
from domain.data.rows import Rows
from domain.features.category_column import MAX_LEVELS, MAX_POOLED_LEVELS, CategoryColumn, is_storable
from domain.features.encoding import Encoding
from domain.learning.terms.sample import draw_sample

MAX_KEPT = MAX_LEVELS + MAX_POOLED_LEVELS


def left_out_levels(rows: Rows, encoding: Encoding, seed: int) -> tuple[str, ...]:
    """Return a sentence for each column and reason, by the sample of training rows that `encoding` was fitted on."""
    fitted = {column.name: column for column in encoding.columns if isinstance(column, CategoryColumn)}
    places = [place for place, column in enumerate(rows.columns) if _may_lack(column, fitted.get(column.name))]
    if not places:
        return ()
    values, _ = draw_sample(rows, seed)
    sampled = "" if len(values) == len(rows) else f" of a sample of {len(values):,}"
    return tuple(
        f"column {quoted(column.name)}: {count}{sampled} left out, because {cause}"
        for place in places
        for column in (rows.columns[place],)
        for count, cause in _left_out(column, fitted[column.name], values[:, place])
    )


def _may_lack(column: Column, fitted: CategoryColumn | None) -> bool:
    """Return whether a level may have been left out, without a look at the rows."""
    return fitted is not None and (len(fitted.column.levels) == MAX_KEPT or not all(map(is_storable, column.levels)))


def _left_out(column: Column, fitted: CategoryColumn, values: FloatArray) -> Iterator[tuple[str, str]]:
    """Yield how many levels and rows are left out, and why."""
    codes, counts = np.unique(values[~np.isnan(values)].astype(np.intp), return_counts=True)
    found = {column.levels[code]: count for code, count in zip(codes.tolist(), counts.tolist(), strict=True)}
    odd = [level for level in found if not is_storable(level)]
    rare = found.keys() - {*odd, *fitted.column.levels}
    if odd:
        yield _counted([found[level] for level in odd]), f"{quoted(odd[0])} has control characters or is too long"
    if rare:
        yield _counted([found[level] for level in rare]), f"a model keeps the {MAX_KEPT:,} most frequent"


def _counted(rows: list[int]) -> str:
    levels = "1 level" if len(rows) == 1 else f"{len(rows):,} levels"
    return f"{levels} in {'1 training row' if sum(rows) == 1 else f'{sum(rows):,} training rows'}"
