"""ListVersions: pages of the catalog, newest first, with the roles."""

import pytest

from adapters.memory.model_store import InMemoryRegistryState
from adapters.memory.version_catalog import InMemoryVersionCatalog
from application.monitoring.list_versions import PAGE, ListVersions, VersionPage
from application.serving.current_model import CurrentModel
from domain.errors import StoreUnavailable
from domain.model.errors import ModelNotFound
from domain.monitoring.catalog import Catalog, ListedVersion
from tests.support.examples import NOON, a_model
from tests.support.rollouts import a_served_rollout, in_rollout

NAMES = [str(number) for number in range(PAGE + 2, 0, -1)]


@pytest.fixture
def current_model():
    return CurrentModel()


@pytest.fixture
def list_versions(current_model):
    listed = tuple(ListedVersion(name=name) for name in NAMES)
    catalog = Catalog(at=NOON, versions=listed, older=3, champion="1", previous="5")
    return ListVersions(InMemoryVersionCatalog(catalog), lambda: current_model.models)


def test_pages_follow_each_other(list_versions):
    first = list_versions()
    last = list_versions(first.before)

    assert [version.name for version in (*first.versions, *last.versions)] == NAMES
    assert (first.at, first.before, last.before, last.older) == (NOON, NAMES[PAGE - 1], "", 3)


def test_page_of_an_unknown_version_does_not_exist(list_versions):
    for unknown in ("nonsense", "-1", "\0"):
        with pytest.raises(ModelNotFound):
            list_versions(unknown)


def test_roles_are_those_of_the_store_and_of_the_rollout(list_versions, current_model):
    assert list_versions().role("2") == ""
    current_model.replace(in_rollout(a_model(), a_served_rollout(a_model(900.0))))

    page = list_versions()

    assert {name: page.role(name) for name in ("1", "2", "5", "9", "")} == {
        "1": "champion",
        "2": "challenger",
        "5": "previous",
        "9": "",
        "": "",
    }
    current_model.replace(in_rollout(a_model(), None))
    assert list_versions().challenger == ""


def test_catalog_that_was_not_read_yet_is_an_empty_page(current_model):
    assert ListVersions(InMemoryVersionCatalog(), lambda: current_model.models)() == VersionPage()


def test_store_that_is_away_is_an_error(current_model):
    catalog = InMemoryVersionCatalog(state=InMemoryRegistryState(reachable=False))

    with pytest.raises(StoreUnavailable):
        ListVersions(catalog, lambda: current_model.models)()
