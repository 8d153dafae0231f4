from adapters.memory.ledger import InMemoryLedger
from adapters.memory.model_store import InMemoryRegistryState
from application.audit.record_change import RecordChange
from domain.promotion.history import PromotionHistory
from tests.support.examples import NOON


def test_ledger_that_cannot_be_written_is_an_error_event_and_undoes_nothing(caplog):
    history = PromotionHistory().promote("1", replacing=None, at=NOON)

    RecordChange(InMemoryLedger(InMemoryRegistryState(reachable=False)))(history, "kim@host", "by hand")

    (record,) = caplog.records
    assert (record.levelname, record.message, record.version) == ("ERROR", "ledger_append_failed", "1")
    assert "out of reach" in record.why
