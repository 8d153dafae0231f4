from dataclasses import replace

import pytest

from adapters.memory.model_store import InMemoryModelStore, InMemoryRegistryState
from adapters.memory.version_catalog import InMemoryVersionCatalog
from application.serving.current_model import CurrentModel
from application.serving.describe_model import MAX_COMPARED_COLUMNS, MAX_DESCRIPTIONS, DescribeModel
from domain.delivery.errors import NoModelLoaded
from domain.model.errors import ModelNotFound, VersionNotAtHand
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.monitoring.catalog import Catalog, ListedVersion
from tests.support.examples import NOON, a_lineage, a_model
from tests.support.rollouts import a_served_rollout, in_rollout


def describing(current, catalog=None, store=None):
    return DescribeModel(current, InMemoryVersionCatalog(catalog), store or InMemoryModelStore())


@pytest.fixture
def current():
    return CurrentModel()


def test_champion_alone_is_described_by_its_effects(current):
    describe = describing(current)
    with pytest.raises(NoModelLoaded):
        describe()
    current.replace(in_rollout(a_model(3.0, 1.0), None))

    described = describe()

    assert [effect.name for effect in described.effects] == ["bmi", "bp"]
    assert (described.other, described.other_effects, described.difference) == (None, (), None)


def test_challenger_is_described_beside_the_champion_with_the_row_where_they_differ_most(current):
    current.replace(in_rollout(a_model(3.0, 1.0), a_served_rollout(a_model(4.0, 1.0))))

    described = describing(current)()

    assert [effect.name for effect in described.other_effects] == ["bmi", "bp"]
    assert next(iter(described.difference.row)) == "bmi"
    assert described.difference.largest > 0


def test_models_with_other_features_or_too_many_are_not_compared(current):
    many = tuple(f"x{place}" for place in range(MAX_COMPARED_COLUMNS + 1))
    wide = LinearModel([1.0] * len(many), 0.0, many)
    for champion, challenger in ((a_model(1.0), a_model(1.0, 2.0)), (wide, wide)):
        current.replace(in_rollout(champion, a_served_rollout(challenger)))

        assert describing(current)().difference is None


def test_description_is_kept_until_a_version_is_replaced(current):
    describe = describing(current)
    current.replace(in_rollout(a_model(3.0), None))
    first = describe()
    current.replace(replace(current.models))

    again = describe()
    current.replace(in_rollout(a_model(5.0), None))

    assert again.effects is first.effects
    assert describe().effects != first.effects


@pytest.fixture
def store():
    """A store of version 1, 2, and 3 with another feature."""
    store = InMemoryModelStore(InMemoryRegistryState())
    for model in (a_model(3.0, 1.0), a_model(4.0, 1.0), a_model(4.0, 1.0, 5.0)):
        store.save(ModelVersion("", model, a_lineage()))
    return store


def catalog_of(store, **changes):
    listed = [ListedVersion.of(store.load(name)) for name in store.versions()]
    return Catalog(at=NOON, versions=tuple(replace(each, **changes) for each in listed))


def test_any_two_versions_are_compared_and_a_version_with_itself_is_described_alone(current, store):
    current.replace(in_rollout(a_model(3.0, 1.0), None))
    describe = describing(current, catalog_of(store), store)

    found = {names: describe(*names) for names in (("2",), ("2", "3"), ("3", "2"), ("2", "2"), ("1",))}

    shown = {names: (each.version.name, each.other and each.other.name) for names, each in found.items()}
    assert shown == {
        ("2",): ("1", "2"),
        ("2", "3"): ("3", "2"),
        ("3", "2"): ("2", "3"),
        ("2", "2"): ("2", None),
        ("1",): ("1", None),
    }
    assert found["2",].difference.largest > 0
    assert (found["3", "2"].feature_change, found["3", "2"].difference) == ("added: s1", None)
    assert [describe.role(each) for each in (found["2",].version, found["2",].other)] == ["champion", ""]
    assert describe("2") is found["2",]
    assert [(name, round(change, 6)) for name, change in found["2",].changes] == [("bmi", 2.0), ("bp", 0.0)]
    assert [name for name, _ in found["3", "2"].changes] == ["bmi", "bp"]


def test_challenger_of_a_rollout_has_its_role(current):
    current.replace(in_rollout(a_model(3.0), a_served_rollout(a_model(4.0))))
    describe = describing(current)

    assert describe.role(describe().other) == "challenger"


def test_descriptions_are_bounded(current, store):
    for _ in range(MAX_DESCRIPTIONS):
        store.save(ModelVersion("", a_model(4.0, 1.0), a_lineage()))
    current.replace(in_rollout(a_model(3.0, 1.0), None))
    describe = describing(current, catalog_of(store), store)

    first = describe("2")
    for name in store.versions()[2:]:
        describe(name)

    assert describe("2") is not first


def test_version_that_cannot_be_shown_is_named_with_the_reason(current, store):
    current.replace(in_rollout(a_model(3.0, 1.0), None))
    listed, damaged, away = catalog_of(store), InMemoryRegistryState(damaged={"2"}), InMemoryRegistryState()
    damaged.versions = {"2": store.load("2")}
    away.reachable = False
    for catalog, reader, why in (
        (None, store, "has not read the list"),
        (catalog_of(store, problem="its file is damaged"), store, "its file is damaged"),
        (catalog_of(store, digest="0" * 64), store, "of another model"),
        (listed, InMemoryModelStore(), "the 20 newest"),
        (listed, InMemoryModelStore(damaged), "cannot be read"),
        (listed, InMemoryModelStore(away), "cannot be read"),
    ):
        with pytest.raises(VersionNotAtHand, match=why):
            describing(current, catalog, reader)("2")
    with pytest.raises(ModelNotFound):
        describing(current, listed, store)("9")
