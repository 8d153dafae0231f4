from adapters.memory.ledger import InMemoryLedger
from adapters.memory.model_store import InMemoryModelStore, InMemoryRegistryState
from application.audit.read_history import ReadHistory
from domain.promotion.history import PromotionHistory
from tests.support.examples import NOON
from tests.support.ledgers import a_draft


def test_history_has_entries_and_changes_without_one_by_time():
    state = InMemoryRegistryState(history=PromotionHistory().promote("1", replacing=None, at=NOON))
    ledger = InMemoryLedger(state)
    entry = ledger.append(a_draft("2", "1", 5))

    found = ReadHistory(ledger, InMemoryModelStore(state))()

    assert [(change.version, change.actor) for change in found] == [("1", "unknown"), ("2", "kim@host")]
    assert found[1] == entry
