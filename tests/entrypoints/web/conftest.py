from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from adapters.memory.model_store import InMemoryModelStore
from adapters.memory.traffic_log import InMemoryTrafficLog
from domain.delivery.served_model import ModelOrigin, ServedModel, ServedModels
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.monitoring.catalog import Catalog, ListedVersion
from entrypoints.web.app import create_app
from entrypoints.web.dependencies import WebDependencies
from tests.support.examples import NOON, a_lineage, a_model
from tests.support.web.dependencies import monitoring, served_models, web_dependencies


@pytest.fixture
def web() -> WebDependencies:
    return web_dependencies()


@pytest.fixture
def client(web) -> FlaskClient:
    """A client of an application without a model."""
    return create_app(web).test_client()


@pytest.fixture
def serving(web, client) -> Callable[[LinearModel], FlaskClient]:
    """A function that puts a model into service."""

    def serve(model: LinearModel, version: str = "7") -> FlaskClient:
        web.current_model.replace(served_models(model, version))
        return client

    return serve


@pytest.fixture
def compared(web) -> FlaskClient:
    """A client where version 1 is in production, version 2 takes another feature too, and version 0 is gone."""
    store = InMemoryModelStore()
    versions = [store.save(ModelVersion("", model, a_lineage())) for model in (a_model(), a_model(3.0, 1.0))]
    listed = (*map(ListedVersion.of, reversed(versions)), ListedVersion(name="0", problem="its files are gone"))
    catalog = Catalog(at=NOON, versions=listed, champion="1", previous="0")
    web.current_model.replace(ServedModels(ServedModel(versions[0], ModelOrigin.REGISTRY)))
    seen = monitoring(web.current_model, InMemoryTrafficLog(), catalog, reader=store)
    return create_app(replace(web, **seen)).test_client()


@pytest.fixture
def one_feature(serving) -> FlaskClient:
    return serving(a_model())


@pytest.fixture
def two_features(serving) -> FlaskClient:
    return serving(a_model(938.2378612512634, -0.1))
