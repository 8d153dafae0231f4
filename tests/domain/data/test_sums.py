"""Works and sums travel to other processes, and sums of blocks add up to those of their rows."""

import pkgutil
from dataclasses import fields
from importlib import import_module

import numpy as np
import pytest

import domain
from domain.data.arrays import Block
from domain.data.columns import Column
from domain.data.pieces import RangeOfTarget, TargetRange
from domain.data.sums import Prepared, Sums, Work
from domain.features.bound_encoding import BoundEncoding
from domain.features.encoding import Encoding
from domain.learning.encoded_fit import RatiosOf, RatioSums
from domain.learning.sgd.block_reader import Shift
from domain.learning.sgd.descent import Descent, DescentSums
from domain.learning.sgd.factor import FactorOf, FactorSums
from domain.learning.sgd.optimality import LossAt, LossSums
from domain.learning.sgd.penalty import ColumnSums, Penalty
from domain.learning.sgd.sample import SampleFactor, SampleFactorOf
from domain.learning.sgd.whitening import Largest, LeverageOf, Span
from domain.model.linear_model import LinearModel
from domain.model.scores import ErrorsOf, ErrorSums
from tests.support.pieces import traveled

RANDOM = np.random.default_rng(0)
COLUMNS = 3
WEIGHTS = np.array([0.5, -1.0, 2.0, 3.0])
MODEL = LinearModel(WEIGHTS[:-1], WEIGHTS[-1], ("a", "b", "c"))
BOUND = BoundEncoding(Encoding.of_numbers(("a", "b", "c")), [Column("c"), Column("a"), Column("b")])
PENALTY = Penalty(0.1, np.ones(COLUMNS))
DESCENT = Descent(WEIGHTS, np.eye(COLUMNS + 1), 10, PENALTY, Span(np.zeros((COLUMNS, 0)), np.zeros(COLUMNS)))
WORKS = [
    DESCENT,
    ErrorsOf(MODEL, BOUND),
    FactorOf(COLUMNS + 1),
    FactorOf(COLUMNS + 1, penalty=0.1),
    LeverageOf(np.eye(COLUMNS)),
    LossAt(WEIGHTS),
    Prepared(LossAt(WEIGHTS), Shift(np.ones(COLUMNS + 1))),
    RangeOfTarget(),
    RatiosOf(MODEL, BOUND),
    SampleFactorOf(),
]
SUMS = {
    ColumnSums, DescentSums, ErrorSums, FactorSums, Largest, LossSums, RatioSums, SampleFactor, TargetRange,
}  # fmt: skip


def a_block(rows=20):
    return Block(RANDOM.standard_normal((rows, COLUMNS)) + 3, 5 + RANDOM.random(rows))


def numbers(value):
    """Return all numbers of sums, with the products of triangular factors, whose signs are free."""
    if isinstance(value, SampleFactor):
        triangle = value.factor.triangle
        return [*value.center, *value.factor.mean, *(triangle.T @ triangle).ravel()]
    if isinstance(value, FactorSums) and not value.is_squared:
        return [value.rows, *(value.matrix.T @ value.matrix).ravel()]
    parts = [getattr(value, field.name) for field in fields(value)]
    return [number for part in parts for number in (numbers(part) if type(part) in SUMS else np.ravel(part))]


def names(kinds):
    """Return the names of classes; a class with slots replaces one of the same name."""
    return {kind.__qualname__ for kind in kinds if kind.__module__.startswith("domain.")}


def test_each_work_and_its_sums_are_the_same_after_a_trip():
    for module in pkgutil.walk_packages(domain.__path__, "domain."):
        import_module(module.name)
    blocks, found = [a_block()], set()

    for work in WORKS:
        sums = work(blocks)
        found |= {type(sums)}

        assert numbers(traveled(sums)) == numbers(sums)
        assert numbers(traveled(work)(blocks)) == numbers(sums)
    assert names(map(type, WORKS)) == names(Work.__subclasses__())
    assert names(found | {ColumnSums}) == names(SUMS) == names(Sums.__subclasses__())


def test_sums_of_blocks_add_up_in_any_grouping_and_to_those_of_all_rows():
    for work in WORKS:
        one, two, three = blocks = [a_block() for _ in range(3)]
        first, second, third = (work([block]) for block in blocks)

        # Some dozens of additions of numbers of size 1 to 1,000.
        assert numbers((first + second) + third) == pytest.approx(numbers(first + (second + third)), rel=1e-12)
        if not isinstance(work, (Descent, SampleFactorOf)):
            assert numbers(first + second + third) == pytest.approx(numbers(work(iter([one, two, three]))), rel=1e-12)


def test_factor_of_samples_is_that_of_their_rows_together():
    one, two = Block(a_block().features + 100, a_block().target), a_block(7)
    together = Block(*(np.concatenate(pair) for pair in zip(one, two, strict=True)))

    pooled, whole = SampleFactorOf()([one]) + SampleFactorOf()([two]), SampleFactorOf()([together])

    assert numbers(pooled) == pytest.approx(numbers(whole), rel=1e-12)
    assert pooled.factor.rows == 27


def test_descent_ends_at_a_block_that_the_space_leaves_out():
    block = a_block(10)
    descent = Descent(WEIGHTS, np.eye(COLUMNS + 1), 10, PENALTY, Span(np.eye(COLUMNS)[:, :1], np.full(COLUMNS, 3.0)))
    flat = Block(block.features * [0, 1, 1] + [3, 0, 0], block.target)
    far = Block(block.features + 100, block.target)

    sums = descent([flat, far, flat])

    assert (sums.is_spanned, sums.rows) == (False, 10)
    assert not (descent([flat]) + sums).is_spanned
