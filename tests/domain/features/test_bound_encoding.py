import numpy as np
import pytest

from domain.data.columns import Column
from domain.data.dataset import Dataset
from domain.data.errors import InvalidData
from domain.features.bound_encoding import BoundEncoding
from domain.features.category_column import CategoryColumn
from domain.features.encoded_rows import EncodedRows
from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from domain.features.spline import Spline
from domain.features.target_transform import TargetTransform

CITY = CategoryColumn("city", ("Bergen", "Oslo"), ("Moss",), has_gaps=True)


def test_levels_of_a_table_become_those_of_the_model_and_other_texts_are_unseen():
    encoding = Encoding((CITY, NumberColumn("area")))
    columns = (Column("area"), Column("city", "category", ("Moss", "Oslo", "Rome"), nullable=True))

    values = BoundEncoding(encoding, columns).values(np.array([[1, 0], [2, 1], [3, 2], [4, 3], [5, np.nan]]))

    assert values[:, 1].tolist() == [1, 2, 3, 4, 5]
    assert values[:, 0] == pytest.approx([2, 1, 3, 3, np.nan], nan_ok=True)
    assert (values >= encoding.unseen_from).tolist() == [
        [unseen, False] for unseen in (False, False, True, True, False)
    ]


def test_empty_cells_of_plain_numbers_take_the_median_where_it_is_known():
    plain, gaps = Encoding((NumberColumn("area", fill=80.0),)), np.array([[1.0], [np.nan]])
    column = Column("area", nullable=True)
    rows = Dataset(gaps, np.zeros(2), (column,), "price")

    assert BoundEncoding(plain, (column,)).values(gaps).tolist() == [[1], [80]]
    assert [block.features.tolist() for block in EncodedRows(rows, plain).blocks(8)] == [[[1], [80]]]
    assert BoundEncoding(plain, (Column("area"),)).values(gaps) is gaps
    with pytest.raises(InvalidData, match="'area' has an empty cell"):
        BoundEncoding(Encoding.of_numbers(("area",)), (column,)).values(gaps)


def test_column_that_is_missing_or_of_another_kind_is_refused():
    for column in (Column("zip"), Column("city"), Column("city", "boolean")):
        with pytest.raises(InvalidData, match="city"):
            BoundEncoding(Encoding((CITY,)), (column,))
    bound = BoundEncoding(Encoding.of_numbers(("new",)), (Column("new", "boolean"),))
    assert bound.values(np.ones((1, 1))).tolist() == [[1]]


def test_parts_that_do_not_fit_are_refused():
    for make in (
        lambda: Encoding((CITY,), ((0, 9),)),
        lambda: Spline(2.0, 1.0),
        lambda: Spline(0.0, 1.0, (2.0,)),
        lambda: TargetTransform(correction=0.0),
        lambda: TargetTransform(low=float("nan")),
    ):
        with pytest.raises(ValueError, match=r"product|spline|transform"):
            make()
