import json

import numpy as np
import pytest

from domain.data.dataset import Dataset
from domain.features.category_column import CategoryColumn
from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from domain.model.column_bins import LevelBins, NumberBins
from domain.model.distributions import MAX_BINS, Distribution, Distributions
from domain.model.distributions_record import from_distributions, to_distributions
from domain.model.linear_model import LinearModel
from tests.support.mixed_tables import a_mixed_model


def mixed_values(rows: int = 400) -> np.ndarray:
    """Return values of the columns of `a_mixed_model`, with empty cells and unseen texts."""
    random = np.random.default_rng(5)
    area, new = random.uniform(20, 200, rows), random.integers(2, size=rows)
    area[::10] = np.nan
    return np.column_stack([area, new, random.integers(6, size=rows), random.uniform(1.6e9, 1.7e9, rows)])


def test_distributions_count_each_row_once_in_each_column():
    model, values = a_mixed_model(), mixed_values()

    measured = Distributions.of(model, values, seed=1)
    counts = measured.count(values, model.predict(values))

    assert measured.rows == 350
    assert [part.sum() for part in measured.split(counts)] == [400] * 5
    assert counts.shape == (measured.size,)
    area, new, city, _, _ = measured.split(counts)
    assert area[-1] == 40
    assert new[:2].tolist() == [np.sum(values[:, 1] == 0), np.sum(values[:, 1] == 1)]
    assert city[-2] == np.sum(values[:, 2] == 5)


def test_frequent_number_has_a_bin_of_its_own():
    values = np.array([0.0] * 60 + list(range(1, 41)))

    bins = NumberBins.fit(values)

    counts = np.bincount(bins.places(np.array([-1.0, 0.0, 0.0, 5e-324, 99.0, np.nan])), minlength=bins.size)
    assert counts[:3].tolist() == [1, 2, 1]
    assert counts[-2:].tolist() == [1, 1]


def test_bins_of_gaps_only_and_of_infinite_predictions_are_bins():
    for values in (np.full(5, np.nan), np.array([np.inf, -np.inf, np.nan])):
        bins = NumberBins.fit(values)

        assert np.bincount(bins.places(values), minlength=bins.size).sum() == len(values)


def test_level_that_occurs_once_counts_as_a_text_that_the_training_rows_lack():
    encoding = Encoding((CategoryColumn("city", ("a", "b", "c")), NumberColumn("x")))
    model = LinearModel(np.zeros(4), 0.0, encoding)
    # Enough rows of a, so that b is once among the rows that are counted.
    values = np.column_stack([[0.0] * 6 + [1.0] + [2.0] * 6, np.arange(13.0)])

    seeds = (Distributions.of(model, values, seed).columns[0].counts for seed in range(5))

    assert {(counts[1], counts[-2]) for counts in seeds} <= {(0, 1), (0, 0)}
    assert sum(counts[-2] for counts in (Distributions.of(model, values, s).columns[0].counts for s in range(5)))


def test_sample_of_rows_is_measured_with_the_levels_of_the_model():
    from domain.data.columns import Column

    model = LinearModel([1.0, 2.0], 0.0, Encoding((CategoryColumn("city", ("Bergen", "Oslo")),)))
    codes = np.tile([0.0, 1.0, 1.0, 1.0], 200)[:, np.newaxis]
    rows = Dataset(codes, np.arange(800.0), (Column("city", "category", ("Oslo", "Bergen")),), "y")

    measured = Distributions.measure(model, rows, seed=0)

    bergen, oslo, *others = measured.columns[0].counts
    assert bergen > 2 * oslo
    assert (measured.rows, others) == (700, [0, 0, 0])
    assert Distributions.measure(model, rows.rows(slice(0, 1)), seed=0) is None


def test_distributions_of_many_columns_are_bounded():
    columns = tuple(CategoryColumn(f"c{place}", tuple(map(str, range(200)))) for place in range(600))
    model = LinearModel(np.zeros(600 * 200), 0.0, Encoding(columns))
    values = np.random.default_rng(0).integers(200, size=(300, 600)).astype(float)

    measured = Distributions.of(model, values, seed=0)

    assert len(measured.columns) == 512
    assert measured.size <= MAX_BINS + 12
    assert len(json.dumps(from_distributions(measured), indent=1)) < 300_000


def test_distributions_survive_json():
    model = a_mixed_model()
    measured = Distributions.of(model, mixed_values(), seed=1)

    record = json.loads(json.dumps(from_distributions(measured)))

    assert to_distributions(record, model.encoding) == measured


def test_record_that_does_not_fit_its_model_is_refused():
    model = a_mixed_model()

    def record():
        return from_distributions(Distributions.of(model, mixed_values(), seed=1))

    def changed(column, **changes):
        made = record()
        made["columns"][column] |= changes
        return made

    junk = (
        None,
        record() | {"rows": 0},
        record() | {"rows": 349},
        record() | {"more": 1},
        record() | {"columns": record()["columns"][:2]},
        changed(0, counts=[1]),
        changed(0, edges=[]),
        changed(0, edges=[2.0, 1.0]),
        changed(0, edges=[1.0] * 10_000),
        changed(0, counts=[-1.0] * 12),
        changed(2, known=6),
        changed(2, levels=[3, 1, 2, 0, 4]),
        changed(2, levels=list(range(70))),
        changed(2, edges=[1.0]),
    )
    for each in junk:
        with pytest.raises(ValueError, match=r"."):
            pytest.fail(f"read {to_distributions(each, model.encoding)} from {each}")


def test_distribution_of_other_counts_is_refused():
    with pytest.raises(ValueError, match="do not fit"):
        Distribution(LevelBins((0, 1), 2), (1, 2, 3))
    with pytest.raises(ValueError, match="no column"):
        Distributions(1, (), Distribution(NumberBins((0.0,)), (1, 0, 0)))
