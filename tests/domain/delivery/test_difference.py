from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.delivery.difference import largest_difference
from domain.features.category_column import CategoryColumn
from domain.features.datetime_column import DAY_SECONDS, PARTS, DatetimeColumn
from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from domain.features.spline import Spline
from domain.features.target_transform import IDENTITY, TargetTransform
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.model.moments import Moments
from domain.model.prediction_input import input_values
from tests.support.examples import a_lineage

START = datetime(2024, 2, 27, 18, 30, tzinfo=UTC)


def _column(kind, random, *, has_gaps):
    """Return a column with levels, knots and a range of its own."""
    if kind == "category":
        levels = [level for level in ("(other)", "Bergen", "Moss", "Oslo") if random.random() < 0.6]
        return CategoryColumn(kind, tuple(levels[:2]), tuple(levels[2:]), has_gaps)
    if kind == "boolean":
        return NumberColumn(kind, "boolean", fill=1.0, has_gaps=has_gaps)
    low, *knots, high = np.sort(random.uniform(-1, 5, 4)).tolist()
    if kind == "datetime":
        origin, parts = START.timestamp(), [part for part in ("month", "weekday", "hour") if random.random() < 0.7]
        elapsed = Spline(low, high, tuple(knots))
        return DatetimeColumn(kind, origin, origin, elapsed, tuple(parts), has_gaps, center=9.0, scale=5.0)
    spline = Spline(low, high, tuple(knots)) if random.random() < 0.7 else None
    return NumberColumn(kind, "number", low, has_gaps, spline, center=9.0, scale=5.0, low=low, high=high)


def _version(kinds, random, *, gaps, products, transform=IDENTITY):
    columns = tuple(_column(kind, random, has_gaps=gap) for kind, gap in zip(kinds, gaps, strict=True))
    owners = Encoding(columns).owners
    pairs = random.integers(len(owners), size=(products, 2)).tolist() if owners else []
    allowed = [(a, b) for a, b in pairs if owners[a] != owners[b] or columns[owners[a]].kind == "category"]
    encoding = Encoding(columns, tuple(allowed))
    coefficients = random.normal(size=len(encoding.term_names)) / 5
    return ModelVersion("1", LinearModel(coefficients, random.normal(), encoding, transform), a_lineage())


def _grid(first, second, *, inner):
    """Return cells of a column: levels, knots and ends of both models, and many cells between these if `inner`."""
    empty = [None] * (first.has_gaps and second.has_gaps)
    if first.kind == "category":
        return [*first.levels, *first.pooled, *second.levels, *second.pooled, *empty] or ["elsewhere"]
    if first.kind == "boolean":
        return [False, True, *empty]
    splines = [column.elapsed if first.kind == "datetime" else column.spline for column in (first, second)]
    ends = [end for spline in splines if spline for end in (spline.low, *spline.knots, spline.high)]
    ends += [end for column in (first, second) if column.kind == "number" for end in (column.low, column.high)]
    between = np.linspace(min(ends), max(ends), 11).tolist() if first.kind == "number" and inner else []
    if first.kind == "number":
        return [*ends, *between, *empty]
    hours = range(int(min(ends) * 24) + 1, int(max(ends) * 24))
    return [(START + timedelta(days=hour / 24)).isoformat() for hour in hours] + empty


def _distance(before, after, rows):
    """Return the absolute differences of the predictions that both models answer with."""
    values = [input_values(rows, version.model.encoding) for version in (before, after)]
    return np.abs(after.model.predict(values[1]) - before.model.predict(values[0]))


SEEDS, GAPS = st.integers(0, 2**32 - 1), st.lists(st.booleans(), min_size=8, max_size=8)
KINDS = st.lists(st.sampled_from(("number", "boolean", "category", "datetime")), min_size=1, max_size=3, unique=True)


@given(KINDS, SEEDS, GAPS)
def test_no_row_of_the_ranges_differs_by_more_than_the_figure_of_additive_models(kinds, seed, gaps):
    random = np.random.default_rng(seed)
    before, after = (
        _version(kinds, random, gaps=each, products=0) for each in (gaps[: len(kinds)], gaps[-len(kinds) :])
    )

    found = largest_difference(before, after)

    columns = zip(before.model.encoding.columns, after.model.encoding.columns, strict=True)
    rows = [dict(zip(kinds, row, strict=True)) for row in product(*(_grid(*pair, inner=True) for pair in columns))]
    assert found.exact is True
    assert _distance(before, after, rows).max() <= found.largest + 1e-9  # sums of another order
    # A text of a datetime has microseconds.
    assert _distance(before, after, [dict(found.row)])[0] == pytest.approx(found.largest, rel=1e-6, abs=1e-9)


@given(KINDS, SEEDS, GAPS, st.sampled_from((IDENTITY, TargetTransform(log=True, correction=1.1, low=0.2, high=9.0))))
def test_no_other_cell_of_the_row_adds_to_the_figure_where_columns_are_coupled(kinds, seed, gaps, transform):
    random = np.random.default_rng(seed)
    kinds = kinds if transform == IDENTITY else [kind for kind in kinds if kind != "datetime"] or ["category"]
    before = _version(kinds, random, gaps=gaps[: len(kinds)], products=2, transform=transform)
    after = _version(kinds, random, gaps=gaps[-len(kinds) :], products=3)

    found = largest_difference(before, after)

    columns = zip(before.model.encoding.columns, after.model.encoding.columns, strict=True)
    choices = zip(kinds, (_grid(*pair, inner=transform == IDENTITY) for pair in columns), strict=True)
    rows = [found.row | {kind: cell} for kind, cells in choices for cell in cells]
    coupled = any(version.model.encoding.products for version in (before, after)) or transform != IDENTITY
    assert found.exact is not coupled
    assert _distance(before, after, rows).max() <= found.largest + 1e-6
    assert _distance(before, after, [dict(found.row)])[0] == pytest.approx(found.largest, rel=1e-6, abs=1e-9)


def test_search_ends_at_a_row_that_no_single_cell_improves():
    columns = tuple(NumberColumn(f"x{place}", low=-1.0, high=1.0) for place in range(8))
    products = tuple(combinations(range(8), 2))
    transforms = IDENTITY, TargetTransform(log=True), TargetTransform(low=-9.0, high=9.0)
    for seed, transform in product(range(20), transforms):
        random = np.random.default_rng(seed)
        before, after = (
            ModelVersion(
                "1", LinearModel(random.normal(size=36), 0.0, Encoding(columns, products), transform), a_lineage()
            )
            for _ in range(2)
        )

        found = largest_difference(before, after)

        rows = [found.row | {column.name: end} for column in columns for end in (-1.0, 1.0)]
        assert _distance(before, after, rows).max() <= found.largest * (1 + 1e-9)


def test_datetimes_of_many_years_have_the_figure_of_all_their_hours():
    bends = np.array([0.3, 1_000.2, 2_500.0, 4_000.7])
    column = DatetimeColumn("at", 1.7e9, 1.7e9, Spline(bends[0], bends[-1], tuple(bends[1:-1])), tuple(PARTS))
    hours = 1.7e9 // 3600 * 3600 + 3600 * np.arange(9, 24 * 4_000)
    every = np.concatenate([hours, hours - 1e-3, 1.7e9 + DAY_SECONDS * bends])
    scales = np.append(np.full(3, 2e-4), np.ones(43))
    for seed in range(10):
        weights = np.random.default_rng(seed).normal(size=46) * scales
        before, after = (
            ModelVersion("1", LinearModel(weights * scale, 0.0, Encoding((column,))), a_lineage()) for scale in (0, 1)
        )

        found = largest_difference(before, after)

        assert found.largest == pytest.approx(np.abs(after.model.predict(every[:, None])).max(), rel=1e-9)


def _plain(name, coefficients, intercept, moments=None):
    names = [f"x{place}" for place in range(len(coefficients))]
    return ModelVersion(name, LinearModel(coefficients, intercept, names), a_lineage(), moments=moments)


def test_plain_models_have_the_figure_of_the_corners_and_the_spread_of_the_training_rows():
    random = np.random.default_rng(5)
    rows = random.normal(size=(4_000, 6)) @ random.normal(size=(6, 6)) + 3.0
    moments = Moments(4_000, 4_000, rows.mean(axis=0), np.linalg.cholesky(np.cov(rows.T, bias=True)).T, 1.0)
    before, after = (_plain(name, random.normal(size=6) * 9, 1.0, moments) for name in "12")
    half = 4 * rows.std(axis=0)

    found = largest_difference(before, after)

    corners = moments.mean + half * np.array(list(product((-1, 1), repeat=6)))
    assert found.exact is True
    assert found.largest == pytest.approx(np.abs(after.model.predict(corners) - before.model.predict(corners)).max())
    differences = after.model.predict(rows) - before.model.predict(rows)
    assert found.likely.mean == pytest.approx(differences.mean())
    assert found.likely.deviation == pytest.approx(differences.std())
    beyond = np.abs(differences) > before.lineage.scores.rmse / 2
    assert found.likely.share == pytest.approx(beyond.mean(), abs=4 * np.sqrt(0.25 / 4_000))  # 4 standard errors


def test_rows_like_the_training_rows_have_their_frequencies_of_levels_and_empty_cells():
    city = CategoryColumn("city", ("Bergen", "Oslo"), ("Moss", "Voss"), has_gaps=True)
    encoding = Encoding((city, NumberColumn("new", "boolean", center=0.5)))
    moments = Moments(100, 100, np.array([0.7, 0.1, 0.12, 0.08, 0.5]), np.eye(5), 1.0)
    before, after = (
        ModelVersion(name, LinearModel(np.array(weights), 0.0, encoding), a_lineage(), moments=moments)
        for name, weights in (("1", [0.0, 0.0, 0.0, 0.0, 0.0]), ("2", [100.0, 10.0, -100.0, 1000.0, 0.0]))
    )
    bare = replace(after, moments=None)

    likely = largest_difference(before, after).likely

    # 4 standard errors of 4,096 rows, whose deviation is 266, or 45 with two levels that are equally frequent.
    assert likely.mean == pytest.approx(70 + 1 - 12 + 80, abs=17)
    assert likely.share == pytest.approx(0.7 + 0.12 + 0.08, abs=0.02)
    assert largest_difference(before, bare).likely.mean == pytest.approx((100 + 10) / 2, abs=3)


def test_equal_models_have_no_difference():
    random = np.random.default_rng(1)
    version = _version(["number", "category", "datetime"], random, gaps=[True, False, True], products=4)
    plain = _plain("1", [1.0, 2.0], 0.5)

    for each in (version, plain):
        found = largest_difference(each, each)

        assert (found.largest, found.likely.mean, found.likely.deviation, found.likely.share) == (0.0, 0.0, 0.0, 0.0)


def test_models_with_other_features_are_a_value_error():
    kinds = ["number", "category"]
    before = _version(kinds, np.random.default_rng(1), gaps=[False, False], products=0)

    for other in (["number"], ["category", "number"], ["number", "boolean"]):
        after = _version(other, np.random.default_rng(1), gaps=[False] * len(other), products=0)
        with pytest.raises(ValueError, match="the models have other features: "):
            largest_difference(before, after)


def test_lines_name_the_figures_and_the_cells_in_the_order_of_their_influence():
    before, after = _plain("41", np.zeros(8), 1e6), _plain("42", np.append(1e-6 * np.ones(7), -5.0), 1_000_040.0)

    found = largest_difference(before, after)
    lines = found.lines()

    assert ", at garage=false, x7=-4, " in replace(found, row={"garage": False, **found.row}).lines()[3]
    assert lines == [
        "42 instead of 41: the same 8 features",
        "predictions change by 40 target units (0.79 RMSE) on average, with a standard deviation of 5 target units "
        "(0.099 RMSE)",
        "predictions for 99.8 % of rows like the training rows change by more than half the RMSE of 41",
        "the largest change found is 60 target units (1.2 RMSE), from 1,000,000 to 1,000,060, at x7=-4, x0=4, x1=4, "
        "x2=4, x3=4, x4=4 and 2 more",
    ]


def test_lines_name_an_empty_cell_and_the_columns_in_which_only_the_champion_takes_one():
    days = Spline(0.0, 10.0, (5.0,))
    columns = (
        NumberColumn("area", fill=80.0, has_gaps=True, low=10.0, high=90.0),
        DatetimeColumn("sold", 0.0, 0.0, days),
        CategoryColumn("city", ("Bergen", "Oslo"), has_gaps=True),
    )
    before, after = (
        ModelVersion(name, LinearModel(np.array(weights), 0.0, Encoding((columns[0], columns[1], city))), a_lineage())
        for name, weights, city in (
            ("41", [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], columns[2]),
            ("42", [0.5, 50.0, 1.0, -2.0, 3.0, 4.0], CategoryColumn("city", ("Bergen", "Oslo"))),
        )
    )

    assert largest_difference(before, after).lines()[3:] == [
        "at most 99 target units (2 RMSE), from 0 to 99, at area=(empty), sold=1970-01-06, city=Oslo",
        "42 refuses an empty cell of these columns, and 41 does not: city",
    ]


def test_text_that_both_models_lack_is_apart_where_it_changes_more_than_the_levels():
    city = NumberColumn("rooms", low=0.0, high=1.0), CategoryColumn("city", ("(other)", "Oslo"))
    before, after, near = (
        ModelVersion(name, LinearModel(np.array(weights), intercept, Encoding(city)), a_lineage())
        for name, weights, intercept in (
            ("41", [0.0, 0.0, 0.0], 0.0),
            ("42", [1.0, -120.0, -130.0], 161.0),
            ("43", [1.0, -1.0, 5.0], 1.0),
        )
    )

    found = largest_difference(before, after)

    assert (found.largest, found.row["city"], found.unseen) == (42.0, "(other)", ("city", 162.0))
    assert "with a text in city that the training rows of both lack: 162 target units (3.2 RMSE)" in found.lines()
    assert largest_difference(before, near).unseen == ("", 0.0)


def test_moments_are_shown_to_the_minute_and_the_end_of_a_day_as_its_date():
    found = largest_difference(_plain("41", [1.0], 0.0), _plain("42", [2.0], 0.0))
    for cell, shown in (
        ("2026-03-27T23:59:59.999000Z", "2026-03-27"),
        ("2026-03-27T06:30:00Z", "2026-03-27 06:30"),
        ("2026-03-27", "2026-03-27"),
        ("T-shirt", "T-shirt"),
    ):
        assert replace(found, row={"sold": cell}).lines()[3].endswith(f"at sold={shown}")


def test_work_grows_in_proportion_to_the_columns(mocker):
    evaluated = mocker.patch.object(TargetTransform, "to_target", autospec=True, side_effect=lambda _, sums: sums)
    counts = []
    for width in (40, 80, 160):
        random, evaluated.call_args_list[:] = np.random.default_rng(2), []
        log = TargetTransform(log=True)
        before, after = (
            replace(version, model=replace(version.model, target_transform=log))
            for version in (_plain(name, random.normal(size=width), 0.0) for name in "12")
        )
        largest_difference(before, after)
        counts.append(sum(len(call.args[1]) for call in evaluated.call_args_list if len(call.args[1]) < 10))

    assert counts[2] <= 2.2 * counts[1] <= 2.2 * 2.2 * counts[0]
