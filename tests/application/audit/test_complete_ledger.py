import pytest

from adapters.memory.ledger import InMemoryLedger
from adapters.memory.model_store import InMemoryModelStore, InMemoryRegistryState
from application.audit.complete_ledger import CompleteLedger
from domain.model.model_version import ModelVersion
from tests.contracts.ledger_store import LedgerStoreContract
from tests.support.examples import SteppingClock, a_lineage, a_model
from tests.support.ledgers import a_draft, a_rollout_end


def opened(state):
    return CompleteLedger(InMemoryLedger(state), InMemoryModelStore(state))


@pytest.fixture
def state():
    return InMemoryRegistryState()


@pytest.fixture
def ledger(state):
    return opened(state)


@pytest.fixture
def promote(state):
    """Change the champion without an entry in the ledger."""
    store, clock = InMemoryModelStore(state), SteppingClock()
    for slope in range(3):
        store.save(ModelVersion("", a_model(slope), a_lineage()))
    return lambda version: store.promote(version, replacing=store.history().champion, at=clock()).changes[-1]


class TestCompleteLedger(LedgerStoreContract):
    @pytest.fixture
    def second(self, state):
        return opened(state)

    @pytest.fixture
    def unreachable_ledger(self):
        return opened(InMemoryRegistryState(reachable=False))

    @pytest.fixture
    def tamper(self, state):
        def tamper(number, line):
            state.ledger[number - 1 : number] = [line] if line else []

        return tamper


def test_changes_without_an_entry_are_recorded_before_the_next_one(ledger, promote):
    promote("1"), promote("2")
    last = promote("3")

    ledger.append(a_draft("3", "2", at=last.at))

    assert [(entry.version, entry.replaced, entry.actor) for entry in ledger.entries()] == [
        ("1", None, "unknown"),
        ("2", "1", "unknown"),
        ("3", "2", "kim@host"),
    ]


def test_end_of_a_rollout_is_no_second_record_of_its_promotion(ledger, promote):
    promote("1"), promote("2")

    ledger.append(a_rollout_end("2", "1", minutes=30))
    ledger.append(a_rollout_end("2", "2", minutes=60, event="aborted", challenger="3"))

    assert [(entry.event, entry.version) for entry in ledger.entries()] == [
        *(("promote", "1"), ("promoted", "2"), ("aborted", "2")),
    ]
