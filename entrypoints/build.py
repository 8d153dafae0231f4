"""How each object is made from the settings; a heavy library is imported inside the function that needs it."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from adapters.files.board import FileBoard
from adapters.rates.host import HostRateLimit, Table
from application.latest_mirrored import LatestMirrored
from domain.model_version import ModelVersion
from domain.ports import ChampionSource, Charts, DatasetSource, LastKnownGood, MirrorBoard
from domain.rate import Rate
from domain.record import from_record
from domain.redaction import Redaction
from entrypoints.settings import Settings

if TYPE_CHECKING:
    from adapters.mlflow.connection import MlflowConnection
    from adapters.mlflow.store import MlflowModelStore
    from adapters.mlflow.tracker import MlflowTracker

# A copy counts as confirmed while the registry was heard from within this many polling intervals.
CONFIRMED_FOR_POLLS = 3
# What a mirror asks for at most each time: the champion's name, its file, and its name again, three times over.
MOST_CONVERSATIONS = 7
# Of one answer of the registry to a mirror; a starting server waits as long for the first.
MAX_REGISTRY_SECONDS = 2.0
# Seconds that a mirror leaves a registry alone if that asks for it.
LONGEST_WAIT = 60.0


def utc_now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


def folder(settings: Settings, name: str) -> Path:
    """Return the folder `name` in that of the artifacts."""
    return settings.artifacts / name


def mlflow_connection(settings: Settings, redaction: Redaction) -> "MlflowConnection":
    """Return the way to MLflow that its store and its tracker share."""
    from adapters.mlflow.connection import MlflowConnection

    return MlflowConnection(
        settings.tracking_uri,
        artifacts=settings.artifacts / "mlflow",
        experiment=settings.model_name,
        timeout=settings.mlflow_timeout,
        redaction=redaction,
    )


def mlflow_store(settings: Settings, connection: "MlflowConnection") -> "MlflowModelStore":
    """Return MLflow's model registry."""
    from adapters.mlflow.store import MlflowModelStore

    return MlflowModelStore(connection, lock=settings.artifacts / "promotion.lock", model=settings.model_name)


def mlflow_tracker(connection: "MlflowConnection") -> "MlflowTracker":
    """Return MLflow's tracking."""
    from adapters.mlflow.tracker import MlflowTracker

    return MlflowTracker(connection)


def champion_source(settings: Settings, redaction: Redaction, store: Callable[[], ChampionSource]) -> ChampionSource:
    """Return how a mirror asks the registry: over plain HTTP, or through `store`'s client where that is a database."""
    if settings.tracking_uri.startswith(("http://", "https://")):
        from adapters.mlflow.champion_over_http import ChampionOverHttp

        return ChampionOverHttp(
            settings.tracking_uri, model=settings.model_name, seconds=MAX_REGISTRY_SECONDS, redaction=redaction
        )
    return store()


def dataset_source(settings: Settings, place: str, without: str | None = None) -> DatasetSource:
    """Return the source of the tables at `place`, a file, folder or pattern, without the files at another."""
    from adapters.tables.table_source import TableSource

    return TableSource(place, settings.memory_budget, without)


def charts() -> Charts:
    """Return what draws the pictures of a run."""
    from adapters.matplotlib.charts import MatplotlibCharts

    return MatplotlibCharts()


def rate_limit(settings: Settings, table: Table) -> HostRateLimit | None:
    """Return what counts requests, None if there is no limit; `table` is what the workers of this host share."""
    return HostRateLimit(Rate(settings.rate, settings.burst), table) if settings.rate else None


def board(settings: Settings, path: str) -> MirrorBoard:
    """Return what the mirror posts to and the workers read; without a `path`, as outside a server, it stays empty."""
    return FileBoard(Path(path) if path else settings.artifacts / "board")


def copy_folder(settings: Settings) -> Path:
    """Return the folder of the copy, which is another for each registry and model."""
    # One registry's champion is no last known good of another's, nor of another model's.
    # It is the same one with another password, and the default database after its folder was moved.
    place = urlsplit(settings.tracking_uri.removeprefix(f"sqlite:///{settings.artifacts}/"))
    address = place._replace(netloc=place.netloc.rpartition("@")[2].lower()).geturl().rstrip("/")
    registry = hashlib.sha256(f"{address} {settings.model_name}".encode()).hexdigest()[:12]
    return settings.artifacts / "serving" / registry


def bundled_model(settings: Settings) -> ModelVersion | None:
    """Return the version that ships with the program, None if this host must not answer with it."""
    if not settings.may_answer_bundled:
        return None
    record = json.loads(resources.files("entrypoints").joinpath("bundled.json").read_bytes())
    return from_record(record, "bundled")


def latest_mirrored(
    settings: Settings, board: MirrorBoard, copy: LastKnownGood, monotonic: Callable[[], float]
) -> LatestMirrored:
    """Return what reads the mirrored champion."""
    confirmed_for = CONFIRMED_FOR_POLLS * settings.poll_seconds + MAX_REGISTRY_SECONDS
    silent_after = LONGEST_WAIT + 2 * (settings.poll_seconds + MOST_CONVERSATIONS * MAX_REGISTRY_SECONDS)
    return LatestMirrored(board, copy, monotonic, confirmed_for, silent_after)
