import pytest

from adapters.files.ledger_witness import FileLedgerWitness
from adapters.memory.model_store import InMemoryModelStore
from application.registry_sync.witness_ledger import WitnessLedger
from domain.delivery.champion_ref import ChampionRef
from domain.delivery.ledger import LedgerHead
from tests.support.examples import a_version


class Registry(InMemoryModelStore):
    """Names version 1 with the head that a test sets, None without a champion."""

    head: LedgerHead | None = None

    def champion_ref(self):
        return self.head and ChampionRef("1", None, ledger_head=self.head)


@pytest.fixture
def registry():
    registry = Registry()
    registry.save(a_version(""))
    return registry


def test_highest_head_is_kept_over_a_restart_of_the_host(registry, tmp_path):
    first, lower, other = (LedgerHead(number, letter * 64) for number, letter in ((3, "a"), (2, "b"), (3, "c")))
    for heads, kept in (((None,), 0), ((first, lower), 3), ((other,), 3)):
        source = WitnessLedger(registry, FileLedgerWitness(tmp_path))
        for registry.head in heads:
            assert source.champion_ref() == registry.champion_ref()
        assert FileLedgerWitness(tmp_path).head().number == kept

    assert FileLedgerWitness(tmp_path).head().hash == "a" * 64
    assert source.fetch(source.version_ref("1")).name == "1"


def test_head_that_cannot_be_kept_is_logged_once_and_stops_no_poll(registry, tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    source = WitnessLedger(registry, FileLedgerWitness(tmp_path / "file" / "serving"))
    registry.head = LedgerHead(3, "a" * 64)

    assert [source.champion_ref().version for _ in range(3)] == ["1"] * 3
    assert [record.message for record in caplog.records] == ["ledger_witness_failed"]
