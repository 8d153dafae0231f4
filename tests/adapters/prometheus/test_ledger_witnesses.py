"""Witnesses are real HTTP servers on loopback addresses."""

import pytest

from adapters.prometheus.ledger_witnesses import PrometheusLedgerWitnesses
from domain.delivery.ledger import LedgerHead
from tests.adapters.prometheus.test_replica_counts import replica, response

HEAD = LedgerHead(7, "ab" * 32)
UNLIKE = "its metrics are not those of this release of Endeavour"


def metrics(number, digest):
    return f'process_open_fds 12.0\nendeavour_ledger_head_info{{hash="{digest}",number="{number}"}} 1.0\n'


@pytest.mark.parametrize(
    ("text", "head", "problem"),
    [
        (metrics(7, HEAD.hash), HEAD, ""),
        ("endeavour_workers 2.0\n", LedgerHead(), ""),
        ("process_open_fds 12.0\n", LedgerHead(), UNLIKE),
        (metrics(7, "x"), LedgerHead(), UNLIKE),
        (metrics("07", HEAD.hash), LedgerHead(), UNLIKE),
        ('endeavour_ledger_head_info{number="7" 1.0\n', LedgerHead(), UNLIKE),
    ],
)
def test_head_is_read_from_the_metrics_of_a_host(text, head, problem):
    with replica(response(text)) as port:
        (report,) = PrometheusLedgerWitnesses().read((f"http://127.0.0.1:{port}",))

    assert (report.name, report.head, report.problem) == (f"127.0.0.1:{port}", head, problem)
