from dataclasses import replace

import pytest

from application.serving.current_model import CurrentModel
from application.serving.describe_model import MAX_COMPARED_COLUMNS, DescribeModel
from domain.delivery.errors import NoModelLoaded
from domain.model.linear_model import LinearModel
from tests.support.examples import a_model
from tests.support.rollouts import a_served_rollout, in_rollout


@pytest.fixture
def current():
    return CurrentModel()


def test_champion_alone_is_described_by_its_effects(current):
    describe = DescribeModel(current)
    with pytest.raises(NoModelLoaded):
        describe()
    current.replace(in_rollout(a_model(3.0, 1.0), None))

    described = describe()

    assert [effect.name for effect in described.effects] == ["bmi", "bp"]
    assert (described.challenger, described.challenger_effects, described.difference) == (None, (), None)


def test_challenger_is_described_beside_the_champion_with_the_row_where_they_differ_most(current):
    current.replace(in_rollout(a_model(3.0, 1.0), a_served_rollout(a_model(4.0, 1.0))))

    described = DescribeModel(current)()

    assert [effect.name for effect in described.challenger_effects] == ["bmi", "bp"]
    assert next(iter(described.difference.row)) == "bmi"
    assert described.difference.largest > 0


def test_models_with_other_features_or_too_many_are_not_compared(current):
    many = tuple(f"x{place}" for place in range(MAX_COMPARED_COLUMNS + 1))
    wide = LinearModel([1.0] * len(many), 0.0, many)
    for champion, challenger in ((a_model(1.0), a_model(1.0, 2.0)), (wide, wide)):
        current.replace(in_rollout(champion, a_served_rollout(challenger)))

        assert DescribeModel(current)().difference is None


def test_description_is_kept_until_a_version_is_replaced(current):
    describe = DescribeModel(current)
    current.replace(in_rollout(a_model(3.0), None))
    first = describe()
    current.replace(replace(current.models))

    again = describe()
    current.replace(in_rollout(a_model(5.0), None))

    assert again.effects is first.effects
    assert describe().effects != first.effects
