"""Findings: signs in the data and the model of a training that a person should judge before it is relied on."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from domain.data.arrays import Block, FloatArray, Numbers
from domain.data.columns import Column
from domain.data.rows import Rows
from domain.data.split import HoldOutFraction, HoldOutStrategy, Split
from domain.features.bound_encoding import BoundEncoding
from domain.features.number_column import NumberColumn
from domain.model.linear_model import LinearModel

# Rows that findings rest on, at most.
SAMPLE_ROWS = 16_384
# Share of a target's variance above which one column explains it by itself.
LEAK_R2 = 0.9999
# Powers of ten whose inverse is a number.
MIN_EXPONENT = -300
# Held-out rows below which scores are uncertain.
FEW_HELD_OUT_ROWS = 30
# A number with such a name counts time.
TIME_NAME = re.compile(r"(?:^|[^a-z])(?:year|month|week|day|date|time|hour|quarter|period)(?:$|[^a-z])", re.IGNORECASE)
# Rows from which a column with the order of the target counts as the target in another unit.
MIN_RANKED_ROWS = 20
# Square of a correlation of two columns above which the share that both explain is rounding.
MAX_SHARED = 1 - 1e-9
# Significant digits that clients send, and the share of the target's spread below which a change is harmless.
CLIENT_DIGITS, HARMLESS_SHARE = 4, 0.01


@dataclass(frozen=True, slots=True)
class Findings:
    """Sentences that a person should read, and those that forbid a promotion."""

    warnings: tuple[str, ...]
    objections: tuple[str, ...]


def find(model: LinearModel, split: Split, hold_out: HoldOutStrategy) -> Findings:
    """Return what a sample of the training rows and the number of held-out rows show.

    Leaks, rows that are sorted by time and held out at random, and few held-out rows are warnings.
    """
    sample, columns = split.train.sample(SAMPLE_ROWS, seed=0), split.train.columns
    warnings = (
        *_leaks(sample, columns, split.train.target_name),
        *_sorted_by_time(sample, columns, hold_out),
        *_few_held_out_rows(split.test),
    )
    return Findings(warnings, _objections(model, sample, columns))


def _objections(model: LinearModel, sample: Block, columns: Sequence[Column]) -> tuple[str, ...]:
    """Return whether predictions depend on more digits than clients send.

    The numbers of the sample are rounded to four significant digits. The root mean square of the change must not exceed
    that of the residuals, or a hundredth of the target's spread where the residuals are smaller.
    """
    target = sample.target
    values = np.array(BoundEncoding(model.encoding, columns).values(sample.features), dtype=np.float64)
    predictions = model.predict(values)
    moved = float(np.sqrt(np.mean(np.square(model.predict(_rounded(model, values)) - predictions))))
    residuals = float(np.sqrt(np.mean(np.square(target - predictions))))
    if moved <= max(residuals, HARMLESS_SHARE * float(np.std(target))):
        return ()
    return (
        f"predictions change by {moved:.4g} if the inputs are rounded to {CLIENT_DIGITS} digits, "
        f"and miss the target by {residuals:.4g} only: leave a column out, or train with a penalty",
    )


def _rounded(model: LinearModel, values: FloatArray) -> FloatArray:
    """Return `values`, shape (n, n_columns), with numbers rounded to the digits that clients send."""
    rounded = values.copy()
    for place, column in enumerate(model.encoding.columns):
        if isinstance(column, NumberColumn):
            rounded[:, place] = round_digits(values[:, place])
    return rounded


def round_digits(values: FloatArray) -> FloatArray:
    """Return `values`, shape (n,), rounded to four significant digits.

    Examples
    --------
    >>> round_digits(np.array([1076.39, -0.123456, 0.0])).round(9).tolist()
    [1076.0, -0.1235, 0.0]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        exponent = np.floor(np.log10(np.abs(values)))
    exponent = np.where(np.isfinite(exponent), exponent, 0.0) - CLIENT_DIGITS + 1
    unit = np.power(10.0, np.maximum(exponent, MIN_EXPONENT))  # smaller numbers are 0
    rounded: FloatArray = np.round(values / unit) * unit
    return rounded


def _leaks(sample: Block, columns: Sequence[Column], name_of_target: str) -> Iterator[str]:
    """Yield a sentence if one column, or the sum of two, explains the target by itself."""
    target, names = sample.target, [column.name for column in columns]
    values = np.array(sample.features, dtype=np.float64)
    for place, column in enumerate(columns):
        if column.kind == "category":
            values[:, place] = _means_by_level(values[:, place], target)
    alone = [name for name, column in zip(names, values.T, strict=True) if _explains(column[:, None], target)]
    for name in alone:
        yield f"{name!r} alone explains the target {name_of_target!r}: is it known before the target is?"
    if not alone and (pair := _leaking_pair(values, target)):
        first, second = (names[place] for place in pair)
        yield f"{first!r} and {second!r} together explain the target {name_of_target!r}: are they known before it is?"


def _means_by_level(codes: FloatArray, target: Numbers) -> FloatArray:
    """Return the mean target of the rows with the same text; NaN for empty cells and texts that occur once."""
    present = ~np.isnan(codes)
    places = codes[present].astype(np.intp)
    counts, sums = np.bincount(places), np.bincount(places, target[present])
    means = np.full(len(codes), np.nan)
    means[present] = np.where(counts > 1, sums / np.maximum(counts, 1), np.nan)[places]
    return means


def _explains(columns: Numbers, target: Numbers) -> bool:
    """Return whether a linear function of the columns, shape (n, 1 or 2), explains the target of the complete rows."""
    complete = ~np.isnan(columns).any(axis=1)
    rows = np.column_stack([np.ones(np.count_nonzero(complete)), columns[complete]])
    if len(rows) < 2 * rows.shape[1] + 2 or not np.ptp(target[complete]):
        return False
    scale = np.abs(rows).max(axis=0)
    scale[scale == 0] = 1
    residuals = target[complete] - rows / scale @ np.linalg.lstsq(rows / scale, target[complete], rcond=None)[0]
    if np.var(residuals) < (1 - LEAK_R2) * np.var(target[complete]):
        return True
    return (
        columns.shape[1] == 1 and len(rows) >= MIN_RANKED_ROWS and _is_monotone(columns[complete, 0], target[complete])
    )


def _is_monotone(values: Numbers, target: Numbers) -> bool:
    """Return whether the target rises or falls with the values, in each row, as its logarithm does."""
    rises = np.diff(target[np.argsort(values, kind="stable")])
    return len(np.unique(values)) == len(np.unique(target)) and bool((rises >= 0).all() or (rises <= 0).all())


def _leaking_pair(columns: FloatArray, target: Numbers) -> tuple[int, int] | None:
    """Return two columns whose linear function explains the target, or None.

    The share that two explain follows from the correlations of all pairs; the best pair is then fitted.
    """
    varying = [place for place, column in enumerate(columns.T) if np.nanstd(column) > 0 and not np.isnan(column).all()]
    if len(varying) < 2 or not np.ptp(target):  # noqa: PLR2004  # a pair
        return None
    chosen = columns[:, varying]
    filled = np.where(np.isnan(chosen), np.nanmean(chosen, axis=0), chosen)
    correlations = np.corrcoef(filled, target, rowvar=False)
    alone, between = correlations[:-1, -1], correlations[:-1, :-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        together = alone[:, None] ** 2 + alone**2 - 2 * alone[:, None] * alone * between
        together = np.where(between**2 < MAX_SHARED, together / (1 - between**2), 0.0)
    first, second = divmod(int(np.argmax(np.nan_to_num(np.triu(together, 1)))), len(varying))
    pair = varying[first], varying[second]
    return pair if first != second and _explains(columns[:, list(pair)], target) else None


def _sorted_by_time(sample: Block, columns: Sequence[Column], hold_out: HoldOutStrategy) -> Iterator[str]:
    """Yield a sentence if a column of times rises from row to row although the hold-out is random."""
    if not isinstance(hold_out, HoldOutFraction):
        return
    for place, column in enumerate(columns):
        moments = sample.features[:, place]
        is_time = column.kind == "datetime" or (column.kind == "number" and TIME_NAME.search(column.name))
        if is_time and np.ptp(moments) > 0 and (np.diff(moments) >= 0).all():
            yield (
                f"the rows are sorted by {column.name!r}, and the held-out rows are drawn at random: "
                "the scores are those of the past; held-out rows at the end would show those of the future"
            )


def _few_held_out_rows(rows: Rows) -> Iterator[str]:
    if len(rows) < FEW_HELD_OUT_ROWS:
        yield f"only {len(rows)} held-out rows: the scores are uncertain"
