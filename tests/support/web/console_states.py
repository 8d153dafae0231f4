"""States of the console: web dependencies as they are in each situation that its pages show."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from adapters.memory.drift_history import InMemoryDriftHistory
from adapters.memory.drift_log import InMemoryDriftLog
from adapters.memory.model_store import InMemoryModelStore, InMemoryRegistryState
from adapters.memory.traffic_log import InMemoryTrafficLog
from domain.delivery.served_model import ModelOrigin, ServedModel, ServedModels
from domain.delivery.sync_report import RegistryState, RegistryStatus
from domain.features.target_transform import IDENTITY
from domain.model.calibration import Calibration
from domain.model.distributions import Distributions
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.monitoring.catalog import Catalog, ListedVersion
from domain.monitoring.change import Change, What
from domain.monitoring.drift_series import DriftLevel
from domain.monitoring.errors import FiguresUnavailable
from domain.monitoring.facts import Replica
from domain.monitoring.traffic import LATENCY_BUCKETS, Traffic
from entrypoints.web.dependencies import WebDependencies
from tests.support.examples import NOON, a_lineage, a_model
from tests.support.mixed_tables import a_mixed_model, moments_of
from tests.support.rollouts import a_served_rollout, in_rollout
from tests.support.web.dependencies import monitoring, web_dependencies
from tests.support.web.long_names import CHALLENGER, CHAMPION, long_changes, long_models

HOUR = 3_600
# A minute begins then, a day after the models were trained.
NOW = NOON.timestamp() + 86_400
PREVIOUS = ModelVersion("0.9", a_model(720.0, 240.0), a_lineage(r2=0.41, created_at=NOON - timedelta(days=8)))


def a_minute(answered: int = 240, failed: int = 0) -> Traffic:
    """Return the traffic of a minute whose requests took from 0.25 to 2.5 ms."""
    latencies = [0] * LATENCY_BUCKETS
    latencies[2], latencies[3] = answered - answered // 50, answered // 50
    return Traffic(
        answered=answered, failed=failed, rows=answered, seconds=0.001 * answered, latencies=tuple(latencies)
    )


def console_states() -> Mapping[str, Callable[[], WebDependencies]]:
    """Return a function for each state that makes its dependencies."""
    challenger = a_served_rollout(a_model(951.5, 260.0), weight=500)
    champion = a_model(938.2378612512634, 262.1)
    held = a_served_rollout(a_model(951.5, 260.0), weight=500, held="failed answers: 3 of 433")
    return {
        "no-model": web_dependencies,
        "new": lambda: _serving(in_rollout(champion, None)),
        "well": lambda: _asked(in_rollout(champion, None), {"1": a_minute()}),
        "mixed": lambda: _asked(_mixed(), {"1": a_minute(900)}),
        "risen": _risen,
        "fleet": _fleet,
        "busy": lambda: _asked(in_rollout(champion, challenger), {"1": a_minute(), "2": a_minute(12)}),
        "held": lambda: _asked(in_rollout(champion, held), {"1": a_minute(), "2": a_minute(12)}),
        "failing": lambda: _asked(in_rollout(champion, None), {"1": a_minute(failed=30), "": a_minute(10, 10)}),
        "quiet": lambda: _asked(in_rollout(champion, None), {"1": a_minute(5)}),
        "long": lambda: _asked(long_models(), {CHAMPION: a_minute(), CHALLENGER: a_minute(12)}),
        "away": _away,
        "no-figures": _without_figures,
    }


def _mixed() -> ServedModels:
    """Return a model of columns of every kind, with intervals."""
    mixed = a_mixed_model()
    area, *others = mixed.encoding.columns
    encoding = replace(mixed.encoding, columns=(replace(area, low=20.0, high=200.0), *others))
    model = LinearModel(mixed.coefficients * 1e3, 5e3, encoding, IDENTITY)
    calibration = Calibration(99, np.arange(99.0))
    random = np.random.default_rng(0)
    days = random.uniform(1.6e9, 1.77e9, 800)
    values = np.column_stack([random.uniform(20, 200, 800), days > 1.7e9, random.integers(0, 3, 800), days])
    distributions = Distributions.of(model, values, seed=0)
    version = ModelVersion("1", model, a_lineage(), None, moments_of(model), calibration, distributions)
    return ServedModels(ServedModel(version, ModelOrigin.REGISTRY))


def _risen() -> WebDependencies:
    """Return a host whose clients have sent labels that are far off, and whose rows have drifted for half an hour."""
    models, history = _mixed(), InMemoryDriftHistory()
    for minute in range(60):
        history.keep(DriftLevel(2, 0.02 * minute) if minute >= 30 else DriftLevel(0, 0.0), NOW - HOUR + 60 * minute)
    label = Traffic(labels=2, squared_errors=2 * 500.0**2, absolute_errors=1000.0)
    return _asked(models, {"1": a_minute(900) + label}, history)


def _fleet() -> WebDependencies:
    """Return one of three hosts, the last of which is silent."""
    web = _asked(in_rollout(a_model(), None), {"1": a_minute()})
    others = InMemoryTrafficLog()
    for second in range(30, HOUR, 60):
        others.add({"": a_minute(480)}, NOW - HOUR + second)
    hosts = Replica("web-2", "1", "registry", 4.0, 8.0), Replica("10.244.118.204:9100", "1", "registry", 40.0)
    status = replace(web.report_status, others=others, replicas=lambda: hosts)
    return replace(web, report_status=status, show_figures=replace(web.show_figures, others=others))


def _serving(
    models: ServedModels, traffic: InMemoryTrafficLog | None = None, history: InMemoryDriftHistory | None = None
) -> WebDependencies:
    web, traffic, drift_log = web_dependencies(), traffic or InMemoryTrafficLog(), InMemoryDriftLog()
    traffic.begin(NOW - HOUR)
    web.current_model.replace(models)
    _count_rows(models.champion.version, drift_log)
    reader = InMemoryModelStore(InMemoryRegistryState({PREVIOUS.name: PREVIOUS}))
    use_cases = monitoring(web.current_model, traffic, _catalog(models), lambda: NOW, drift_log, history, reader)
    return replace(web, **use_cases)


def _count_rows(version: ModelVersion, drift_log: InMemoryDriftLog) -> None:
    """Count rows whose columns all have the same cell, which the training rows have not."""
    if version.distributions:
        row = [column.typical for column in version.model.encoding.columns]
        values = np.array([row] * 500)
        counts = version.distributions.count(values, version.model.predict(values))
        drift_log.add(version.name, len(values), dict(enumerate(counts.tolist())), NOW - 60)


def _catalog(models: ServedModels) -> Catalog:
    """Return a catalog with both versions, one that was rejected, and one that cannot be used."""
    champion, rollout = models.champion.version, models.rollout
    served = [champion, *([rollout.challenger.version] if rollout else [])]
    at = datetime.fromtimestamp(NOW, UTC)
    change = Change(at=at - timedelta(days=3), what=What.PROMOTE, version="1", by="maria", why="new data")
    versions = (
        *map(ListedVersion.of, served),
        ListedVersion.of(PREVIOUS, rejected="it is worse by 0.2 RMSE"),
        ListedVersion(name="0.8", problem="its file is damaged"),
    )
    changes = (*(long_changes(at - timedelta(minutes=30)) if champion.name == CHAMPION else ()), change)
    return Catalog(at=at, versions=versions, champion=champion.name, previous=PREVIOUS.name, changes=changes)


def _asked(
    models: ServedModels, minute: Mapping[str, Traffic], history: InMemoryDriftHistory | None = None
) -> WebDependencies:
    traffic = InMemoryTrafficLog()
    for second in range(30, HOUR, 60):
        traffic.add(minute, NOW - HOUR + second)
    return _serving(models, traffic, history)


def _away() -> WebDependencies:
    web = _asked(in_rollout(a_model(), None), {"1": a_minute()})
    status = RegistryStatus(RegistryState.UNREACHABLE, "the registry does not answer", 400.0)
    return replace(web, report_status=replace(web.report_status, registry_status=lambda: status))


def _without_figures() -> WebDependencies:
    web = _serving(in_rollout(a_model(), None))

    class Torn(InMemoryTrafficLog):
        def read(self, resolution, periods, at):
            raise FiguresUnavailable("the traffic of this host", "its writer has stopped")

    torn = Torn()
    return replace(
        web,
        report_status=replace(web.report_status, traffic=torn),
        show_figures=replace(web.show_figures, traffic=torn),
    )
