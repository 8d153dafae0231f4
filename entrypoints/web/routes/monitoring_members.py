"""Monitoring members: status, figures, versions and changes as members of JSON."""

from dataclasses import asdict
from typing import Any

from application.monitoring.list_versions import VersionPage
from application.monitoring.report_status import ServedVersion, Status
from application.monitoring.show_figures import Figures
from domain.delivery.routing import BUCKETS
from domain.monitoring.change import Change
from domain.monitoring.fleet import Fleet
from domain.monitoring.records import change_values, version_values
from domain.monitoring.traffic import Traffic
from domain.monitoring.traffic_series import TrafficSeries

Json = dict[str, Any]
COUNTED = ("answered", "failed", "refused", "overloaded", "rows")
QUANTILES = {"p50_seconds": 0.5, "p99_seconds": 0.99}


def status_members(status: Status) -> Json:
    """Return the status."""
    facts, registry = status.facts, status.facts.registry
    condition = {"next" if name == "next_step" else name: value for name, value in asdict(status.condition).items()}
    recent = {"minutes": status.minutes, "since": status.since, "per_second": status.per_second}
    return {
        "condition": condition,
        "at": status.at,
        "started_at": facts.started_at,
        "scope": {"of": "host", "name": facts.host, "sentence": status.fleet.sentence},
        "fleet": _fleet_members(status.fleet),
        "traffic": recent | _traffic_members(status.recent),
        "versions": list(map(_served_members, status.versions)),
        "replicas": list(map(asdict, status.fleet.replicas)),
        "registry": registry and {"state": registry.state, "reason": registry.reason, "seconds": registry.seconds},
        "copy_problem": registry.copy_problem if registry else "",
        "rollout": _rollout_members(status),
        "changes": list(map(change_members, status.changes)),
    }


def figures_members(figures: Figures) -> Json:
    """Return the figures, each version's as lists by period."""
    return {
        "at": figures.at,
        "since": figures.since,
        "first": figures.first,
        "period_seconds": figures.period_seconds,
        "scope": {"of": "host", "name": figures.host},
        "held_out_mae": figures.held_out_mae,
        "drift": {"drifted": figures.drift.drifted, "excess_psi": figures.drift.excess_psi},
        "other_hosts": figures.others and _series_members(figures.others),
        "versions": [{"name": name, **_series_members(series)} for name, series in sorted(figures.versions.items())],
    }


def version_page_members(page: VersionPage) -> Json:
    """Return a page of the versions."""
    listed = [{**version_values(version), "role": page.role(version.name)} for version in page.versions]
    return {"at": page.at, "versions": listed, "before": page.before, "older": page.older}


def change_members(change: Change) -> Json:
    """Return the change, with its sentence."""
    return {**change_values(change), "sentence": change.sentence}


def _fleet_members(fleet: Fleet) -> Json:
    return {
        "hosts": len(fleet.replicas),
        "silent": fleet.silent,
        "age_seconds": fleet.age_seconds,
        "per_second": fleet.per_second,
        **_traffic_members(fleet.recent),
    }


def _traffic_members(traffic: Traffic) -> Json:
    counts = {name: getattr(traffic, name) for name in COUNTED}
    return counts | {name: traffic.quantile(share) for name, share in QUANTILES.items()}


def _series_members(series: TrafficSeries) -> Json:
    periods = list(map(_traffic_members, series.periods()))
    counts = {name: [period[name] for period in periods] for name in (*COUNTED, *QUANTILES)}
    return counts | {"labels": series.column("labels").astype(int).tolist(), "mae": series.mae()}


def _served_members(served: ServedVersion) -> Json:
    lineage = served.version.lineage
    return {
        "name": served.version.name,
        "role": served.role,
        "share": served.share,
        **_traffic_members(served.recent),
        "scores": lineage.scores.as_dict(),
        "trained_at": lineage.created_at,
    }


def _rollout_members(status: Status) -> Json | None:
    rollout = status.rollout
    if rollout is None:
        return None
    members = ("id", "generation", "phase", "champion", "challenger", "held", "why", "entered_at")
    return {**{name: getattr(rollout, name) for name in members}, "weight": 100 * rollout.weight / BUCKETS}
