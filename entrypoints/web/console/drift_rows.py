"""Drift rows: the comparison of the rows that a host has answered with the training rows, by column."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.delivery.errors import NoModelLoaded
from domain.monitoring.column_drift import ColumnDrift
from domain.monitoring.drift_report import DriftReport
from domain.monitoring.errors import FiguresUnavailable, NoDistributions

# Columns in the table, at most.
MAX_COLUMNS = 20
KINDS = {"drifted": "warn", "no rows": "wait"}


@dataclass(frozen=True, slots=True)
class DriftRow:
    """Comparison of a column with the training rows: its verdict, the kind of its tag, and what has changed."""

    name: str
    verdict: str
    kind: str
    index: str
    expected: str
    change: str


@dataclass(frozen=True, slots=True)
class Drift:
    """Comparison of the rows that this host has answered with the training rows of the champion.

    Parameters
    ----------
    problem : str
        Why there is none; empty if there is one.
    report : DriftReport or None
    rows : tuple of DriftRow
        The predictions and the columns, those that differ most first.
    more : int
        Columns that are not shown.
    """

    problem: str = ""
    report: DriftReport | None = None
    rows: tuple[DriftRow, ...] = ()
    more: int = 0


NO_DRIFT = Drift()


def drift_of(report_drift: Callable[[], DriftReport]) -> Drift:
    """Return the comparison, or why there is none."""
    try:
        report = report_drift()
    except NoModelLoaded:
        return Drift("No model is loaded.")
    except NoDistributions as error:
        return Drift(f"Version {error.version} has no counts of its training rows: train again.")
    except FiguresUnavailable:
        return Drift("The counts of the rows cannot be read now.")
    ranked = sorted(report.columns, key=lambda each: (not each.has_drifted, not each.is_sure, -each.index))
    rows = tuple(_drift_row(each) for each in ranked[:MAX_COLUMNS])
    return Drift("", report, rows, len(ranked) - len(rows))


def _drift_row(drift: ColumnDrift) -> DriftRow:
    change = drift.change.text if drift.is_sure else ""
    kind = KINDS.get(drift.verdict, "good")
    return DriftRow(drift.name, drift.verdict, kind, f"{drift.index:.3f}", f"{drift.expected_index:.3f}", change)
