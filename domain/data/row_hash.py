"""Row hash: chooses the same rows of a table in memory and of a stream."""

import numpy as np
import numpy.typing as npt

# Row numbers that are hashed with the same constants.
HASH_RANGE = 2**32


def row_hash(first: int, count: int, seed: int) -> npt.NDArray[np.uint32]:
    """Return a 32-bit hash for each of the rows `first`, `first` + 1, …, shape (count,).

    The row number is mapped by a random affine map, which the seed draws, and mixed by the finaliser of MurmurHash3
    (Appleby 2011, public domain), a bijection in which every input bit flips each output bit half of the time.
    """
    high, low = divmod(first, HASH_RANGE)
    if low + count > HASH_RANGE:
        here = HASH_RANGE - low
        return np.concatenate([row_hash(first, here, seed), row_hash(first + here, count - here, seed)])
    factor, shift = np.random.SeedSequence([seed, high]).generate_state(2, np.uint32)
    mixed = np.arange(count, dtype=np.uint32)
    mixed += np.uint32(low)
    mixed *= factor | np.uint32(1)
    mixed += shift
    mixed ^= mixed >> 16
    mixed *= np.uint32(0x85EBCA6B)
    mixed ^= mixed >> 13
    mixed *= np.uint32(0xC2B2AE35)
    mixed ^= mixed >> 16
    return mixed
