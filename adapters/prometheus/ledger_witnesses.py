"""Ledger witnesses: the heads of the ledger that serving hosts have seen, from their metrics."""

from collections.abc import Sequence

from prometheus_client.parser import text_string_to_metric_families

from adapters.prometheus.scrape_replicas import scrape_replicas
from domain.delivery.ledger import LedgerHead
from domain.ports import LedgerWitnesses, WitnessReport

PREFIX, HEAD = "endeavour_", "endeavour_ledger_head_info{"


class PrometheusLedgerWitnesses(LedgerWitnesses):
    """Reads `/metrics` of serving hosts; a name that resolves to several addresses is several hosts."""

    def read(self, urls: Sequence[str]) -> tuple[WitnessReport, ...]:
        """Return a report for each host; one that cannot be read has a `problem`."""
        return scrape_replicas(urls, _report, _failed)


def _failed(name: str, problem: str) -> WitnessReport:
    return WitnessReport(name, problem=problem)


def _report(name: str, text: str) -> WitnessReport:
    """Return the report of the metrics `text`, or raise `ValueError` if they are malformed or of another program."""
    lines = text.splitlines()
    if not any(line.startswith(PREFIX) for line in lines):
        raise ValueError("not the metrics of Endeavour")
    heads = [line for line in lines if line.startswith(HEAD)][:1]
    for family in text_string_to_metric_families("\n".join(heads) + "\n"):
        labels = family.samples[0].labels
        return WitnessReport(name, LedgerHead.from_text(f"{labels.get('number')} {labels.get('hash')}"))
    return WitnessReport(name)
