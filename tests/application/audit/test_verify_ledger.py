from adapters.memory.ledger import InMemoryLedger
from adapters.memory.model_store import InMemoryModelStore, InMemoryRegistryState
from application.audit.verify_ledger import VerifyLedger
from domain.delivery.ledger import LedgerHead
from domain.ports import LedgerWitnesses, WitnessReport
from domain.promotion.history import PromotionHistory
from tests.support.examples import NOON
from tests.support.ledgers import a_draft


class Witnesses(LedgerWitnesses):
    def __init__(self, *reports):
        self.reports = reports

    def read(self, urls):
        return tuple(report for report in self.reports if report.name in urls)


def test_verification_compares_chain_history_and_the_witnesses_that_were_read():
    state = InMemoryRegistryState(history=PromotionHistory().promote("1", replacing=None, at=NOON))
    ledger = InMemoryLedger(state)
    head = LedgerHead.of(ledger.append(a_draft()))
    silent, sound, other = (
        *(
            WitnessReport("a", problem="no answer"),
            WitnessReport("b", head),
            WitnessReport("c", LedgerHead(1, "f" * 64)),
        ),
    )
    verify = VerifyLedger(ledger, InMemoryModelStore(state), Witnesses(silent, sound, other))

    whole = verify(("a", "b"))
    state.ledger[0] = state.ledger[0].replace("kim", "eve")
    state.history = state.history.promote("2", replacing="1", at=NOON)
    damaged = verify(("c",))

    assert (whole.head, whole.problems, whole.witnesses) == (head, (), (silent, sound))
    assert [problem.partition(" ")[0] for problem in damaged.problems] == ["version", "c"]
