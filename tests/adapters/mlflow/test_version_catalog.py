"""Version catalogs of MLflow: both ways of reading describe the same, and check each answer of a server."""

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.mlflow import catalog_http, version_catalog
from adapters.mlflow.catalog_http import HttpVersionCatalog
from adapters.mlflow.http_registry import HttpRegistry
from adapters.mlflow.ledger import MlflowLedger
from adapters.mlflow.names import LINEAGE_TAG, REJECTED_TAG
from adapters.mlflow.version_catalog import MlflowVersionCatalog
from domain.delivery.errors import InvalidRegistryResponse
from domain.delivery.ledger import UNKNOWN
from domain.errors import StoreUnavailable
from domain.model.model_version import ModelVersion
from domain.monitoring.catalog import Catalog
from tests.support.examples import NOON, a_lineage, a_model
from tests.support.ledgers import a_draft
from tests.support.mlflow.servers import answering
from tests.support.orders import a_champion_order, order_id
from tests.support.program import free_port


class RegistryCatalogContract:
    """Subclasses give the fixtures `catalog`, and `pages`, a function that bounds the versions of a catalog."""

    @pytest.fixture
    def ledger(self, connect, tmp_path, model_name, uri):
        return MlflowLedger(connect(uri), lock=tmp_path / "promotion.lock", model=model_name)

    def test_catalog_describes_versions_and_changes(self, store, ledger, catalog, client, model_name):
        assert catalog.read() == Catalog(at=NOON)
        for slope in (1.0, 2.0, 3.0):
            store.save(ModelVersion("", a_model(slope), a_lineage()))
        store.promote("1", replacing=None, at=NOON)
        store.promote("2", replacing="1", at=NOON + timedelta(minutes=1))
        ledger.append(a_draft("2", "1", minutes=1, why=f"better {a_champion_order().mark}"))
        client.set_model_version_tag(model_name, "3", REJECTED_TAG, "too slow\x1b")
        client.set_model_version_tag(model_name, "1", LINEAGE_TAG, "[]")

        read = catalog.read()

        rejected, champion, damaged = read.versions
        assert [version.name for version in read.versions] == ["3", "2", "1"]
        assert (read.champion, read.previous, read.older) == ("2", "1", 0)
        assert (champion.scores["r2"], champion.trained_at, champion.run_id) == (0.4726, NOON, "run-1")
        assert champion.digest == a_model(2.0).digest
        assert rejected.rejected == "too slow\\x1b"
        assert (damaged.scores, damaged.digest) == ({}, a_model(1.0).digest)
        assert damaged.trained_at > NOON - timedelta(days=365)
        promoted, first = read.changes
        assert (promoted.version, promoted.by, promoted.why.partition(" ")[0]) == ("2", "kim@host", "better")
        assert read.answers == {order_id(1): ""}
        assert first.by == UNKNOWN

    def test_newest_versions_are_read_and_older_ones_counted(self, store, catalog, bound):
        for slope in (1.0, 2.0, 3.0):
            store.save(ModelVersion("", a_model(slope), a_lineage()))
        bound(2)

        read = catalog.read()

        assert ([version.name for version in read.versions], read.older) == (["3", "2"], 1)


class TestOverSqlite(RegistryCatalogContract):
    @pytest.fixture
    def catalog(self, connect, uri, model_name):
        return MlflowVersionCatalog(connect(uri), lambda: NOON, model_name)

    @pytest.fixture
    def bound(self, monkeypatch):
        return lambda versions: monkeypatch.setattr(version_catalog, "MAX_VERSIONS", versions)

    def test_missing_database_has_no_versions(self, connect, tmp_path, model_name):
        missing = MlflowVersionCatalog(connect(f"sqlite:///{tmp_path}/none/mlflow.db"), lambda: NOON, model_name)

        assert missing.read().versions == ()


@pytest.mark.integration
class TestOverHttp(RegistryCatalogContract):
    @pytest.fixture
    def uri(self, mlflow_server):
        return mlflow_server.uri

    @pytest.fixture
    def catalog(self, uri, model_name):
        return HttpVersionCatalog(HttpRegistry(uri, model=model_name, seconds=10), lambda: NOON)

    @pytest.fixture
    def bound(self, monkeypatch):
        def bound(versions):
            monkeypatch.setattr(catalog_http, "MAX_VERSIONS", versions)
            monkeypatch.setattr(catalog_http, "PAGE", 1)

        return bound


class Registry:
    """Answers as MLflow does, until a test changes something."""

    def __init__(self):
        self.model = {"name": "endeavour", "aliases": [{"alias": "champion", "version": "2"}], "tags": "none"}
        self.version = {"version": "2", "creation_timestamp": 1_795_000_000_000, "tags": [{"key": 1}, "tag"]}
        self.next_page = ""

    def __call__(self, handler):
        address = urlsplit(handler.path)
        if address.path.endswith("/registered-models/get"):
            return handler.reply_json(200, json.dumps({"registered_model": self.model}).encode())
        assert parse_qs(address.query)["filter"] == ["name = 'endeavour'"]
        page = {"model_versions": [self.version], "next_page_token": self.next_page}
        return handler.reply_json(200, json.dumps(page).encode())


@pytest.fixture
def registry():
    return Registry()


def read(registry):
    with answering(registry) as uri:
        return HttpVersionCatalog(HttpRegistry(uri, environment={}), lambda: NOON).read()


def test_tags_that_are_none_are_ignored(registry):
    catalog = read(registry)

    assert (catalog.champion, catalog.versions[0].name, catalog.versions[0].scores) == ("2", "2", {})


def test_pages_end_at_the_bound_although_the_server_has_more(registry):
    registry.next_page = "more"

    assert len(read(registry).versions) == catalog_http.MAX_VERSIONS // catalog_http.PAGE


@pytest.mark.parametrize(
    ("member", "value"), [("version", "../2"), ("creation_timestamp", "noon"), ("creation_timestamp", -1)]
)
def test_malformed_version_is_an_invalid_answer(registry, member, value):
    registry.version[member] = value

    with pytest.raises(InvalidRegistryResponse):
        read(registry)


def test_model_without_a_champion_has_none(registry):
    registry.model["aliases"] = []

    catalog = read(registry)

    assert (catalog.champion, catalog.previous) == ("", "")


def test_champion_that_is_not_listed_has_an_unknown_time(registry):
    registry.model["aliases"][0]["version"] = "1"

    (change,) = read(registry).changes

    assert (change.version, change.at.year) == ("1", 1970)


def test_server_that_is_away_is_unavailable():
    registry = HttpRegistry(f"http://127.0.0.1:{free_port()}", environment={})

    with pytest.raises(StoreUnavailable):
        HttpVersionCatalog(registry, lambda: NOON).read()
