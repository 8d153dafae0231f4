from functools import partial

import pytest

from adapters.memory.ledger import InMemoryLedger
from adapters.memory.model_store import InMemoryModelStore
from application.audit.record_change import RecordChange
from application.promotion.promote_model import PromoteModel
from application.promotion.roll_back import RollBack
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
def ledger():
    return InMemoryLedger()


@pytest.fixture
def promote(store, ledger):
    return partial(PromoteModel(store, SteppingClock(), RecordChange(ledger), "kim@host"), why="it is better")


@pytest.fixture
def roll_back(store, ledger):
    return partial(RollBack(store, SteppingClock(), RecordChange(ledger), "mia@host"), "it was worse")
