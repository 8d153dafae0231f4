from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from domain.model.linear_model import LinearModel
from entrypoints.web.app import create_app
from entrypoints.web.dependencies import WebDependencies
from tests.support.examples import a_model
from tests.support.web.dependencies import served_models, web_dependencies


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
def one_feature(serving) -> FlaskClient:
    return serving(a_model())


@pytest.fixture
def two_features(serving) -> FlaskClient:
    return serving(a_model(938.2378612512634, -0.1))
