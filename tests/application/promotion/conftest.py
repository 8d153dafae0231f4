import pytest

from adapters.memory.model_store import InMemoryModelStore
from application.promotion.promote_model import PromoteModel
from domain.model.model_version import ModelVersion
from tests.support.examples import SteppingClock, a_lineage, a_model


@pytest.fixture
def store():
    """Versions 1 to 3, and 4, which takes other features."""
    store = InMemoryModelStore()
    for slopes in ((0.0,), (1.0,), (2.0,), (1.0, 2.0)):
        store.save(ModelVersion("", a_model(*slopes), a_lineage()))
    return store


@pytest.fixture
def promote(store):
    return PromoteModel(store, SteppingClock())
