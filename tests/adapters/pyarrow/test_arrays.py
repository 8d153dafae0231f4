"""Conversions of arrays, beside those of pyarrow."""

import numpy as np
import pyarrow as pa

from adapters.pyarrow.arrays import filled, from_array, from_mask, from_texts


def test_arrays_are_those_of_pyarrow():
    mask = np.array([True, False, True, True, False, False, True, False, True])
    for texts in ([], [""], ["a", None, "Grünerløkka", ""], [None]):
        assert from_texts(texts).equals(pa.array(texts, pa.string()))
        from_texts(texts).validate(full=True)
    for numbers in (np.arange(9), np.arange(18.0)[::2], np.arange(9, dtype=np.int32)):
        assert from_array(numbers).equals(pa.array(np.ascontiguousarray(numbers)))
        assert from_array(numbers, mask).equals(pa.array(np.ascontiguousarray(numbers), mask=mask))
    for answers in (mask, mask[:0], ~mask[1:]):
        assert from_mask(answers).equals(pa.array(answers))


def test_nulls_are_filled_also_in_a_part():
    cells = pa.array([1, None, 3, None, 5])

    assert filled(cells, -1).tolist() == [1, -1, 3, -1, 5]
    assert filled(cells[1:4], -1).tolist() == [-1, 3, -1]
    assert filled(cells[4:], -1).tolist() == [5]
    assert cells.to_pylist() == [1, None, 3, None, 5]
