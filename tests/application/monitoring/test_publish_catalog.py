"""PublishCatalog: the catalog of the registry, now and then."""

import pytest

from adapters.files.kept_versions import FileKeptVersions
from adapters.files.version_catalog import FileVersionCatalog
from adapters.memory.model_store import InMemoryModelStore, InMemoryRegistryState
from adapters.memory.version_catalog import InMemoryVersionCatalog
from application.monitoring.keep_versions import KeepVersions
from application.monitoring.publish_catalog import PUBLISH_SECONDS, PublishCatalog
from domain.access.redaction import Redaction
from domain.monitoring.catalog import Catalog, ListedVersion
from tests.support.examples import NOON, a_version


class Seconds:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def seconds():
    return Seconds()


@pytest.fixture
def state():
    return InMemoryRegistryState()


@pytest.fixture
def channel(tmp_path):
    return FileVersionCatalog(tmp_path / "catalog")


@pytest.fixture
def keep(state, seconds, tmp_path):
    return KeepVersions(InMemoryModelStore(state), FileKeptVersions(tmp_path / "versions"), seconds, Redaction())


@pytest.fixture
def publish(state, channel, keep, seconds):
    return PublishCatalog(InMemoryVersionCatalog(Catalog(at=NOON), state), channel, keep, seconds)


def test_catalog_is_published_after_a_time_and_when_what_was_found_changes(publish, channel, seconds, tmp_path):
    published = []
    for at, champion in ((0.0, ""), (1.0, ""), (2.0, "1"), (3.0, "1"), (2.0 + PUBLISH_SECONDS, "1")):
        seconds.now = at
        (tmp_path / "catalog").unlink(missing_ok=True)
        publish(champion)
        published.append(channel.read() is not None)

    assert published == [True, False, True, False, True]


def test_registry_that_is_away_leaves_the_old_catalog_and_is_logged_once(publish, channel, state, seconds, caplog):
    publish("1")
    state.reachable = False
    for champion in ("2", "3"):
        publish(champion)
    state.reachable = True
    publish("4")
    state.reachable = False
    publish("5")

    assert channel.read() == Catalog(at=NOON)
    assert [record.message for record in caplog.records] == ["catalog_not_published"] * 2


def test_nothing_is_published_before_there_is_a_catalog(channel, keep, seconds):
    publish = PublishCatalog(InMemoryVersionCatalog(), channel, keep, seconds)
    for _ in range(2):
        publish("1")

    assert channel.read() is None


def test_versions_are_kept_between_two_catalogs_and_their_problems_are_in_the_next(state, channel, keep, seconds):
    store = InMemoryModelStore(state)
    listed = tuple(ListedVersion.of(store.save(a_version("", slope))) for slope in (1.0, 2.0))
    state.damaged = {"1"}
    publish = PublishCatalog(InMemoryVersionCatalog(Catalog(at=NOON, versions=listed), state), channel, keep, seconds)
    for seconds.now in (0.0, 1.0, 2.0, PUBLISH_SECONDS):
        publish("2")

    assert [version.problem for version in channel.read().versions] == ["it is damaged", ""]
