"""Rollout screen: the state, the tests and the replicas of a rollout, as text for people and as facts for programs."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson

from domain.delivery.rollout import Phase, Rollout
from domain.delivery.rollout_text import to_text
from domain.delivery.rollout_transitions import duration, stage_name
from domain.delivery.shown_tests import tests_table
from domain.ports import ReplicaReport
from entrypoints.cli.output import in_columns

NO_BEAT = "no controller yet: `endeavour rollout run` drives it"
SILENT = "no replica routes requests to the challenger, because no controller works: `endeavour rollout run` drives it"
# Replicas with a problem that are listed, at most.
MAX_LISTED = 8
# The salt stays private, because it shows which clients meet the challenger.
PRIVATE = ("schema", "salt")
OF_REPLICA = ("replica", "problem", "rollout", "ready", "weight", "generation")


def screen(rollout: Rollout, reports: Sequence[ReplicaReport], now: datetime) -> str:
    """Return the lines for people."""
    table = list(tests_table(rollout))
    lines = [_head(rollout, now), *([in_columns(table)] if table else []), *_replicas(rollout, reports)]
    if rollout.why:
        lines.append(f"last: {rollout.why}")
    if rollout.held:
        lines.append(f"HELD: {rollout.held}")
    return "\n".join(lines)


def facts(rollout: Rollout, reports: Sequence[ReplicaReport]) -> dict[str, Any]:
    """Return the facts for programs."""
    state = {name: value for name, value in orjson.loads(to_text(rollout)).items() if name not in PRIVATE}
    replicas = [{name: values[name] for name in OF_REPLICA} for values in map(asdict, reports)]
    return {**state, "weight": rollout.weight, "replicas": replicas}


def transition(rollout: Rollout) -> str:
    """Return the line for a transition."""
    return ": ".join(filter(None, (_stage(rollout), rollout.held or rollout.why)))


def _head(rollout: Rollout, now: datetime) -> str:
    spent = duration((now - rollout.entered_at).total_seconds())
    least = f" of at least {duration(rollout.plan.least_seconds(rollout.stage))}"
    time = spent if rollout.phase is Phase.PREFLIGHT else f"{spent}{least}"
    controller = f"beat {rollout.beat:,} of controller {rollout.writer}" if rollout.beat else NO_BEAT
    return f"{rollout.champion} → {rollout.challenger}   {_stage(rollout)} for {time}   {controller}"


def _stage(rollout: Rollout) -> str:
    """Return the stage, after the phase where that is another."""
    name = stage_name(rollout)
    if rollout.phase in (Phase.PROMOTING, Phase.ABORTING):
        name = f"{rollout.phase} in {name}"
    return f"{name}, held" if rollout.held else name


def _replicas(rollout: Rollout, reports: Sequence[ReplicaReport]) -> Iterator[str]:
    read = [report for report in reports if not report.problem]
    of_rollout = [report for report in read if report.rollout == rollout.id]
    ready = sum(report.ready for report in of_rollout)
    applied = sum(report.generation >= rollout.generation for report in of_rollout)
    yield (
        f"replicas: {len(read)} of {len(reports)} read, {len(of_rollout)} with this rollout, {ready} ready, "
        f"{applied} at generation {rollout.generation:,}"
    )
    if of_rollout and rollout.routed_weight and not any(report.weight for report in of_rollout):
        yield SILENT
    problems = [report for report in reports if report.problem]
    for report in problems[:MAX_LISTED]:
        yield f"  {report.replica}: {report.problem}"
    if len(problems) > MAX_LISTED:
        yield f"  and {len(problems) - MAX_LISTED} more"
