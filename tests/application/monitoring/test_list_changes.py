"""ListChanges: changes of the store, of the rollout and of the host in one list."""

from datetime import timedelta

import pytest

from adapters.memory.host_changes import InMemoryHostChanges
from adapters.memory.model_store import InMemoryRegistryState
from adapters.memory.version_catalog import InMemoryVersionCatalog
from application.monitoring.list_changes import ListChanges
from application.serving.current_model import CurrentModel
from domain.delivery.transition import Move, Transition
from domain.monitoring.catalog import Catalog
from domain.monitoring.change import What, rollout_changes
from tests.support.examples import NOON, a_model
from tests.support.monitoring import a_change
from tests.support.rollouts import a_served_rollout, in_rollout


@pytest.fixture
def current_model():
    return CurrentModel()


@pytest.fixture
def host_changes():
    changes = InMemoryHostChanges()
    changes.add(a_change(5, What.SERVER_STARTED, host="web-1"))
    return changes


def whats(list_changes):
    return [change.what for change in list_changes()]


def test_changes_of_all_places_are_in_one_list(current_model, host_changes):
    promoted = a_change(3, What.PROMOTE, version="7")
    catalog = InMemoryVersionCatalog(Catalog(at=NOON, changes=(promoted,)))
    list_changes = ListChanges(catalog, host_changes, lambda: current_model.models)

    assert whats(list_changes) == [What.SERVER_STARTED, What.PROMOTE]
    current_model.replace(in_rollout(a_model(), None))
    assert whats(list_changes) == [What.SERVER_STARTED, What.PROMOTE]


def test_step_of_a_rollout_is_listed_once_while_state_and_ledger_have_it(current_model, host_changes):
    transitions = (Transition(NOON, Move.START), Transition(NOON + timedelta(minutes=1), Move.STEP, 100))
    current_model.replace(in_rollout(a_model(), a_served_rollout(a_model(900.0), transitions=transitions)))
    catalog = Catalog(at=NOON, changes=rollout_changes("2", transitions))

    for catalogs in (InMemoryVersionCatalog(), InMemoryVersionCatalog(catalog)):
        list_changes = ListChanges(catalogs, host_changes, lambda: current_model.models)
        assert whats(list_changes) == [What.SERVER_STARTED, What.ROLLOUT_STEP, What.ROLLOUT_STARTED]


@pytest.mark.parametrize("catalog", [None, InMemoryRegistryState(reachable=False)])
def test_changes_of_the_host_are_listed_without_those_of_the_store(current_model, host_changes, catalog):
    list_changes = ListChanges(InMemoryVersionCatalog(state=catalog), host_changes, lambda: current_model.models)

    assert whats(list_changes) == [What.SERVER_STARTED]
