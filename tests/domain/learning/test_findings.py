import numpy as np

from domain.data.columns import Column
from domain.data.dataset import Dataset
from domain.data.split import HoldOutFraction, HoldOutLast, Split
from domain.features.category_column import CategoryColumn
from domain.features.datetime_column import DatetimeColumn
from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from domain.features.spline import Spline
from domain.learning import findings
from domain.learning.sgd import SGD
from domain.model.linear_model import LinearModel


def table(features, target, columns=None):
    names = columns or tuple(f"x{place}" for place in range(features.shape[1]))
    return Dataset(features, target, names, "y")


LAST = HoldOutLast(40)


def found(rows, hold_out=LAST):
    model = LinearModel(np.zeros(len(rows.columns)), 0.0, Encoding(tuple(map(unused, rows.columns))))
    return findings.find(model, hold_out(rows), hold_out).warnings


def unused(column):
    """Return a fitted column of the same kind with one term."""
    if column.kind == "category":
        return CategoryColumn(column.name, ("a",))
    if column.kind == "datetime":
        return DatetimeColumn(column.name, 0.0, 0.0, Spline(0.0, 1.0))
    return NumberColumn(column.name, column.kind, fill=0.0)


def objections(model, rows):
    return findings.find(model, Split(rows, rows), LAST).objections


def noise(*shape):
    return np.random.default_rng(0).normal(size=shape)


def test_columns_that_are_the_target_in_other_units_or_its_two_parts_are_named():
    numbers, gaps = noise(200, 3), noise(200, 3)
    gaps[::7, 1] = np.nan
    nullable = (Column("x0"), Column("x1", nullable=True), Column("x2"))
    for rows, named in (
        (table(numbers, 7 - 0.9 * numbers[:, 1]), ("'x1' alone",)),
        (table(gaps, np.nan_to_num(0.9 * gaps[:, 1]), nullable), ("'x1' alone",)),
        (table(numbers, np.exp(-numbers[:, 1])), ("'x1' alone",)),
        (table(numbers, 5 * numbers[:, 0] + numbers[:, 2]), ("'x0' and 'x2' together",)),
        (table(numbers, 5 * numbers[:, 0] + numbers[:, 2] + noise(200)), ()),
        (table(np.ones((200, 2)), noise(200)), ()),
    ):
        sentences = found(rows)

        assert [sentence.startswith(name) for sentence, name in zip(sentences, named, strict=True)] == [True] * len(
            named
        )


def test_sorted_times_with_a_random_hold_out_and_few_held_out_rows_are_pointed_out():
    rising, target = np.arange(200.0)[:, None], noise(200)
    random = HoldOutFraction(0.2, seed=0)
    for column, hold_out, expected in (
        (Column("sold", "datetime"), random, ["the rows are sorted by 'sold'"]),
        (Column("sale_year"), random, ["the rows are sorted by 'sale_year'"]),
        (Column("yearly"), random, []),
        (Column("sold", "datetime"), HoldOutLast(40), []),
        (Column("area"), HoldOutLast(29), ["only 29 held-out rows"]),
        (Column("area"), HoldOutLast(195), []),  # of five training rows no line is a leak
    ):
        sentences = found(table(rising, target, (column,)), hold_out)

        assert [sentence[: len(start)] for sentence, start in zip(sentences, expected, strict=True)] == expected


def test_model_whose_predictions_need_more_digits_than_clients_send_is_objected_to():
    area, random = np.linspace(50, 150, 60), np.random.default_rng(0)
    feet = np.round(area * 10.7639, 3)
    price = 5000 * area + random.normal(size=60) * 4000
    rows = table(np.column_stack([area, feet]), price)
    exact = table(np.column_stack([area, np.ones(60)]), 5000 * area)

    assert len(objections(SGD().fit(rows).model, rows)) == 1
    assert objections(SGD(penalty=1.0).fit(rows).model, rows) == ()
    assert objections(SGD().fit(exact).model, exact) == ()


def test_dates_are_sent_whole_and_are_not_rounded():
    seconds = 1.7e9 + 86_400 * np.arange(50.0)
    rows = table(seconds[:, None], 3 * np.arange(50.0) + noise(50), (Column("sold", "datetime"),))
    encoding = Encoding((DatetimeColumn.fit(rows.columns[0], seconds, 0),))
    coefficients = np.zeros(len(encoding.term_names))
    coefficients[0] = 3.0

    assert objections(LinearModel(coefficients, 0.0, encoding), rows) == ()


def test_columns_of_every_kind_that_are_the_target_are_named():
    random = np.random.default_rng(0)
    codes, other = random.integers(0, 4, 200).astype(float), random.normal(size=200)
    difference = random.normal(size=200)
    for column, values, target, named in (
        (Column("churned", "boolean"), codes % 2, codes % 2, "'churned' alone"),
        (Column("band", "category", ("a", "b", "c", "d")), codes, codes * 100, "'band' alone"),
        (Column("sold", "datetime"), codes * 86_400, codes, "'sold' alone"),
        (Column("noisy"), difference, difference - other, "'noisy' and 'other' together"),
        (Column("city", "category", ("a", "b", "c", "d")), codes, codes * 100 + 9 * difference, ""),
        (Column("city", "category", ("a",)), np.zeros(200), difference, ""),
    ):
        rows = table(np.column_stack([values, other]), target, (column, Column("other")))

        assert [sentence[: len(named)] for sentence in found(rows)] == [named] * bool(named), named


def test_numbers_near_the_smallest_are_rounded_to_0():
    assert findings.round_digits(np.array([1e-322, 1e-299, 12345.0])).tolist() == [0.0, 1e-299, 12340.0]
