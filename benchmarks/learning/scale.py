"""How much is measured: all of it, or so little that a test can wait for it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes and repetitions.

    Parameters
    ----------
    long, wide, huge : tuple of int
        Rows and columns of the tables in memory.
    rounds, few_rounds, small_rounds : int
        Turns of each contender; of those that take many seconds a turn; and on a table where turns are short.
    epochs : tuple of int
        Of `SGDRegressor`, among which the fewest that suffice are looked for.
    file_rows, files, group_rows : int
        Of the Parquet table: rows of a file, number of files, rows of a row group.
    """

    long: tuple[int, int]
    wide: tuple[int, int]
    huge: tuple[int, int]
    rounds: int
    few_rounds: int
    small_rounds: int
    epochs: tuple[int, ...]
    file_rows: int
    files: int
    group_rows: int


FULL = Scale((1_000_000, 20), (1_000_000, 100), (10_000_000, 20), 5, 3, 20, (1, 2, 3, 5, 10, 20), 2_500_000, 8, 250_000)
QUICK = Scale((20_000, 20), (20_000, 100), (40_000, 20), 2, 1, 2, (2,), 10_000, 4, 5_000)
