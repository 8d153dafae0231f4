from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from flask.testing import FlaskClient

from adapters.memory.key_store import InMemoryKeyStore
from adapters.shared_memory.rate_limit import HostRateLimit, RateLimitTable
from application.access.active_keys import ActiveKeys
from application.serving.current_model import CurrentModel
from application.serving.predict import Predict
from domain.access.rate_limit import RateLimitPolicy
from domain.access.redaction import Redaction
from domain.delivery.served_model import ModelOrigin, ServedModel
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from entrypoints.observability.metrics.aggregator import MetricsAggregator
from entrypoints.observability.request_recorder import RequestRecorder
from entrypoints.web.app import create_app
from entrypoints.web.middleware.client_address import Clients
from tests.support.examples import a_lineage, a_model

MAX_BODY, MAX_ROWS, MAX_CONCURRENT_REQUESTS = 100_000, 3_000, 2


@dataclass
class Limits:
    max_body_bytes: int = MAX_BODY
    model_name: str = "endeavour"


@dataclass
class Objects:
    """The providers that the application asks for, around the real use case."""

    live_model: CurrentModel = field(default_factory=CurrentModel)
    rate: RateLimitPolicy | None = None
    names: frozenset[str] = frozenset()
    keys: ActiveKeys = field(default_factory=lambda: ActiveKeys(InMemoryKeyStore(), anonymous=True))
    the_figures: MetricsAggregator = field(default_factory=MetricsAggregator)
    the_books: RequestRecorder = field(init=False)

    def __post_init__(self) -> None:
        self.the_books = RequestRecorder(self.the_figures, self.live_model)

    def metrics(self) -> MetricsAggregator:
        return self.the_figures

    def request_recorder(self) -> RequestRecorder:
        return self.the_books

    def current_model(self) -> CurrentModel:
        return self.live_model

    def active_keys(self) -> ActiveKeys:
        return self.keys

    def predict(self) -> Predict:
        return Predict(self.live_model)

    def synced_champion(self) -> None:
        return None

    def redaction(self) -> Redaction:
        return Redaction()

    def rate_limit(self) -> HostRateLimit | None:
        return HostRateLimit(self.rate, RateLimitTable()) if self.rate else None

    def host_names(self) -> frozenset[str]:
        return self.names

    def client_addresses(self) -> Clients:
        return Clients()

    def settings(self) -> Limits:
        return Limits()


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrypoints.web.app.MAX_ROWS", MAX_ROWS)
    monkeypatch.setattr("entrypoints.web.app.MAX_CONCURRENT_REQUESTS", MAX_CONCURRENT_REQUESTS)


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
        objects.live_model.replace(ServedModel(ModelVersion(name, model, a_lineage()), ModelOrigin.REGISTRY))
        return client

    return serve


@pytest.fixture
def one_feature(serving) -> FlaskClient:
    return serving(a_model())


@pytest.fixture
def two_features(serving) -> FlaskClient:
    return serving(a_model(938.2378612512634, -0.1))
