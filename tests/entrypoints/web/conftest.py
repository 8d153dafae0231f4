from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from flask.testing import FlaskClient

from adapters.memory.key_store import MemoryKeyStore
from adapters.rates.host import HostRateLimit, Table
from application.live_keys import LiveKeys
from application.live_model import LiveModel
from application.predict import Predict
from domain.linear_model import LinearModel
from domain.model_version import ModelVersion
from domain.rate import Rate
from domain.redaction import Redaction
from domain.snapshot import Snapshot, Source
from entrypoints.metrics.figures import Figures
from entrypoints.web.app import create_app
from entrypoints.web.books import Books
from entrypoints.web.clients import Clients
from tests.examples import a_lineage, a_model

MAX_BODY, MAX_ROWS, MAX_AT_ONCE = 100_000, 3_000, 2


@dataclass
class Limits:
    max_body: int = MAX_BODY
    model_name: str = "endeavour"


@dataclass
class Objects:
    """The providers that the application asks for, around the real use case."""

    live_model: LiveModel = field(default_factory=LiveModel)
    rate: Rate | None = None
    names: frozenset[str] = frozenset()
    keys: LiveKeys = field(default_factory=lambda: LiveKeys(MemoryKeyStore(), anonymous=True))
    the_figures: Figures = field(default_factory=Figures)
    the_books: Books = field(init=False)

    def __post_init__(self) -> None:
        self.the_books = Books(self.the_figures, self.live_model)

    def figures(self) -> Figures:
        return self.the_figures

    def books(self) -> Books:
        return self.the_books

    def live(self) -> LiveModel:
        return self.live_model

    def live_keys(self) -> LiveKeys:
        return self.keys

    def predict(self) -> Predict:
        return Predict(self.live_model)

    def mirrored(self) -> None:
        return None

    def redaction(self) -> Redaction:
        return Redaction()

    def rate_limit(self) -> HostRateLimit | None:
        return HostRateLimit(self.rate, Table()) if self.rate else None

    def host_names(self) -> frozenset[str]:
        return self.names

    def clients(self) -> Clients:
        return Clients()

    def settings(self) -> Limits:
        return Limits()


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrypoints.web.app.MAX_ROWS", MAX_ROWS)
    monkeypatch.setattr("entrypoints.web.app.MAX_AT_ONCE", MAX_AT_ONCE)


@pytest.fixture
def objects() -> Objects:
    return Objects()


@pytest.fixture
def client(objects) -> FlaskClient:
    """A client of an application that has no model yet."""
    return create_app(objects).test_client()


@pytest.fixture
def serving(objects, client) -> Callable[[LinearModel], FlaskClient]:
    """A function that puts a model into service."""

    def serve(model: LinearModel, name: str = "7") -> FlaskClient:
        objects.live_model.replace(Snapshot(ModelVersion(name, model, a_lineage()), Source.REGISTRY))
        return client

    return serve


@pytest.fixture
def one_feature(serving) -> FlaskClient:
    return serving(a_model())


@pytest.fixture
def two_features(serving) -> FlaskClient:
    return serving(a_model(938.2378612512634, -0.1))
