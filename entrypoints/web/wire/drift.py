"""Drift: a drift report as members of JSON."""

from datetime import UTC, datetime
from typing import Any

from domain.monitoring.column_drift import ColumnDrift
from domain.monitoring.drift_report import DriftReport


def drift_facts(report: DriftReport) -> dict[str, Any]:
    """Return the report as dicts, lists, texts and numbers."""
    return {
        "version": report.version,
        "training_rows": report.training_rows,
        "rows": report.rows,
        "since": _moment(report.window.since if report.window else None),
        "drifted": list(report.drifted),
        "unusable_cells": dict(report.unusable),
        "columns": list(map(_column, report.columns)),
    }


def no_drift_facts(version: str) -> dict[str, Any]:
    """Return the members of a version that keeps no distributions of its training rows."""
    nothing: dict[str, Any] = {"since": None, "drifted": [], "unusable_cells": {}, "columns": []}
    return {"version": version, "training_rows": 0, "rows": 0, **nothing}


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
        "drifted_since": _moment(drift.since),
    }


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()
