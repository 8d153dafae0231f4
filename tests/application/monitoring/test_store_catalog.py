"""Store catalog: versions and changes of a store on this host, as it describes them."""

import pytest

from adapters.memory.ledger import InMemoryLedger
from adapters.memory.model_store import InMemoryModelStore, InMemoryRegistryState
from adapters.memory.rollout_store import InMemoryRolloutStore
from application.audit.record_change import RecordChange
from application.monitoring.store_catalog import StoreCatalog
from domain.monitoring import catalog as catalogs
from domain.monitoring.change import What
from tests.support.examples import NOON, a_version
from tests.support.orders import a_champion_order


@pytest.fixture
def state():
    return InMemoryRegistryState()


@pytest.fixture
def store(state):
    return InMemoryModelStore(state)


@pytest.fixture
def catalog(state, store):
    return StoreCatalog(store, InMemoryLedger(state), InMemoryRolloutStore(state), lambda: NOON)


def test_versions_are_described_newest_first(catalog, store, state):
    for _ in range(3):
        store.save(a_version(""))
    store.promote("2", replacing=None, at=NOON)
    store.promote("3", replacing="2", at=NOON)
    InMemoryRolloutStore(state).reject("1", "too slow")

    read = catalog.read()

    assert [version.name for version in read.versions] == ["3", "2", "1"]
    assert (read.champion, read.previous, read.older, read.at) == ("3", "2", 0, NOON)
    newest, _, oldest = read.versions
    assert newest.scores["r2"] == 0.4726
    assert (newest.trained_at, newest.run_id, newest.problem) == (NOON, "run-1", "")
    assert oldest.rejected == "too slow"
    assert [change.what for change in read.changes] == [What.PROMOTE, What.PROMOTE]


def test_empty_store_has_an_empty_catalog(catalog):
    read = catalog.read()

    assert (read.versions, read.champion, read.previous, read.changes) == ((), "", "", ())


def test_answers_to_orders_are_read_from_the_ledger(catalog, store, state):
    store.save(a_version(""))
    history = store.promote("1", replacing=None, at=NOON)
    order = a_champion_order(version="1")
    RecordChange(InMemoryLedger(state))(history, order.by, f"better {order.mark}")

    assert catalog.read().answers == {order.id: ""}


def test_each_version_is_read_once(catalog, store, mocker):
    store.save(a_version(""))
    catalog.read()
    load = mocker.patch.object(InMemoryModelStore, "load", autospec=True)

    assert [version.name for version in catalog.read().versions] == ["1"]
    assert not load.called


def test_damaged_version_is_listed_with_its_problem_until_it_can_be_read(catalog, store, state):
    store.save(a_version(""))
    state.damaged.add("1")
    assert catalog.read().versions[0].problem

    state.damaged.clear()
    assert not catalog.read().versions[0].problem


def test_old_versions_are_counted(catalog, store, monkeypatch):
    for _ in range(3):
        store.save(a_version(""))
    monkeypatch.setattr("application.monitoring.store_catalog.MAX_VERSIONS", 2)
    assert catalogs.MAX_VERSIONS > 2

    read = catalog.read()

    assert ([version.name for version in read.versions], read.older) == (["3", "2"], 1)
