"""PublishCatalog: the catalog of the registry, now and then."""

import pytest

from adapters.files.version_catalog import FileVersionCatalog
from adapters.memory.model_store import InMemoryRegistryState
from adapters.memory.version_catalog import InMemoryVersionCatalog
from application.monitoring.publish_catalog import PUBLISH_SECONDS, PublishCatalog
from domain.monitoring.catalog import Catalog
from tests.support.examples import NOON


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
def publish(state, channel, seconds):
    return PublishCatalog(InMemoryVersionCatalog(Catalog(at=NOON), state), channel, seconds)


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


def test_nothing_is_published_before_there_is_a_catalog(channel, seconds):
    PublishCatalog(InMemoryVersionCatalog(), channel, seconds)("1")

    assert channel.read() is None
