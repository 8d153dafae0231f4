import numpy as np

from domain.data.row_hash import HASH_RANGE, row_hash


def test_hash_of_a_row_does_not_depend_on_where_reading_began():
    whole = row_hash(0, 1000, seed=5)

    assert np.array_equal(np.concatenate([row_hash(0, 333, 5), row_hash(333, 667, 5)]), whole)


def test_hashes_are_spread_evenly():
    shares = np.bincount(row_hash(0, 1_000_000, seed=1) >> 28, minlength=16) / 1_000_000

    # Sixteen bins: five standard deviations of a share of 1/16 of a million draws are 1.2e-3.
    np.testing.assert_allclose(shares, 1 / 16, atol=1.2e-3)


def test_neighbors_and_seeds_are_independent():
    one, two = (row_hash(0, 100_000, seed) < HASH_RANGE // 5 for seed in (1, 2))

    # Both are chosen as often as chance has it: 0.04, to five standard deviations, 3.1e-3.
    assert abs(np.mean(one & two) - 0.04) < 3.1e-3
    assert abs(np.mean(one[1:] & one[:-1]) - 0.04) < 3.1e-3


def test_rows_beyond_four_thousand_million_are_hashed_on():
    across = row_hash(HASH_RANGE - 5, 10, seed=3)

    assert np.array_equal(across[5:], row_hash(HASH_RANGE, 5, seed=3))
    assert not np.array_equal(across[5:], row_hash(0, 5, seed=3))
