import json

import pytest

from tests.adapters.prometheus.test_ledger_witnesses import metrics
from tests.adapters.prometheus.test_replica_counts import replica, response
from tests.entrypoints.cli.test_models import OTHER
from tests.support.program import free_port


@pytest.fixture
def ledger(endeavour, container):
    """The lines of a ledger with two entries."""
    endeavour(*OTHER)
    endeavour("train")
    return container.mlflow_store()._state.ledger


def test_empty_ledger_is_whole(endeavour):
    assert endeavour("audit", "verify") == (0, "✓ the ledger is empty\n", "")


def test_whole_ledger_agrees_with_its_witness(endeavour, ledger):
    head = json.loads(endeavour("audit", "verify", "--json")[1])["head"]

    with replica(response(metrics(head["number"], head["hash"]))) as port:
        code, out, _ = endeavour("audit", "verify", "--witness", f"http://127.0.0.1:{port}")

    assert code == 0
    assert out == (
        f"witness 127.0.0.1:{port}: has seen entry 2\n"
        f"✓ the ledger is whole: entry 2 is the last, with the hash {head['hash']}\n"
    )


def test_changed_ledger_and_a_replica_that_has_seen_another_one_are_faults(endeavour, ledger, container, monkeypatch):
    ledger[0] = ledger[0].replace("train, run 1", "train, run 7")

    code, out, _ = endeavour("audit", "verify")
    assert (code, "✗ entry 2 does not follow the entry before it" in out) == (5, True)
    ledger[0] = ledger[0].replace("train, run 7", "train, run 1")
    with replica(response(metrics(9, "0" * 64))) as port:
        monkeypatch.setenv("ENDEAVOUR_REPLICAS", f"http://127.0.0.1:{port}")
        container.settings.reset()
        code, out, _ = endeavour("audit", "verify")
    assert (code, f"✗ 127.0.0.1:{port} has seen an entry 9" in out) == (5, True)


def test_witness_that_is_not_read_is_no_agreement(endeavour, ledger):
    code, out, _ = endeavour("audit", "verify", "--witness", f"http://127.0.0.1:{free_port()}")
    assert (code, "not read: the connection was refused" in out) == (3, True)

    code, _, err = endeavour("audit", "verify", "--witness", "web-1:9100")
    assert (code, "--witness" in err) == (2, True)
