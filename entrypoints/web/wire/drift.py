"""Drift facts: a drift report as the plain values of JSON."""

from typing import Any

from domain.monitoring.drift import ColumnDrift
from domain.monitoring.drift_report import DriftReport


def drift_facts(report: DriftReport) -> dict[str, Any]:
    """Return the report as dicts, lists, texts and numbers."""
    return {
        "version": report.version,
        "training_rows": report.training_rows,
        "rows": report.rows,
        "drifted": list(report.drifted),
        "unusable_cells": dict(report.unusable),
        "columns": list(map(_column, report.columns)),
    }


def _column(drift: ColumnDrift) -> dict[str, Any]:
    return {
        "name": drift.name,
        "kind": drift.kind,
        "rows": drift.rows,
        "psi": drift.index,
        "expected_psi": drift.expected_index,
        "evidence": drift.evidence,
        "level": drift.level,
        "verdict": drift.verdict,
        "change": drift.change.text,
    }
