"""Registry sync: what reads the registry, and what this host keeps of it for its workers."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from adapters.files.kept_versions import FileKeptVersions
from adapters.files.sync_status import FileSyncStatus
from adapters.files.version_catalog import FileVersionCatalog
from application.serving.resolve_synced_champion import ResolveSyncedChampion
from domain.access.redaction import Redaction
from domain.delivery.sync_report import RegistryStatus
from domain.ports import ChampionSource, Clock, LastKnownGood, SyncStatusChannel, VersionCatalog
from entrypoints.settings import Settings

if TYPE_CHECKING:
    from adapters.mlflow.connection import MlflowConnection
    from adapters.mlflow.http_registry import HttpRegistry

# A copy counts as confirmed while the registry has answered within this many polling intervals.
CONFIRMED_FOR_POLLS = 3
# Requests of one poll, at most: the champion's name, its file, and its name again, three times, one more name, and the
# reference and the file of a rollout's challenger.
MAX_REGISTRY_REQUESTS = 9
# For one answer of the registry to the registry sync.
MAX_REGISTRY_SECONDS = 2.0
# Pause between two polls that a registry may ask for, at most.
MAX_THROTTLE_SECONDS = 60.0


def champion_source(registry: "HttpRegistry | None", store: Callable[[], ChampionSource]) -> ChampionSource:
    """Return what the registry sync reads: `registry`, or `store` if MLflow is a database."""
    if registry is None:
        return store()
    from adapters.mlflow.champion_http import HttpChampionSource

    return HttpChampionSource(registry)


def registry_catalog(
    settings: Settings,
    registry: "HttpRegistry | None",
    clock: Clock,
    connection: Callable[[], "MlflowConnection"],
) -> VersionCatalog:
    """Return what the registry sync publishes: read from `registry`, or through `connection` from a database."""
    if registry:
        from adapters.mlflow.catalog_http import HttpVersionCatalog

        return HttpVersionCatalog(registry, clock)
    from adapters.mlflow.version_catalog import MlflowVersionCatalog

    return MlflowVersionCatalog(connection(), clock, settings.model_name)


def http_registry(settings: Settings, redaction: Redaction) -> "HttpRegistry | None":
    """Return the registry as plain HTTP reads it, None if MLflow is a database."""
    if not settings.tracking_uri.startswith(("http://", "https://")):
        return None
    from adapters.mlflow.http_registry import HttpRegistry

    return HttpRegistry(
        settings.tracking_uri, model=settings.model_name, seconds=MAX_REGISTRY_SECONDS, redaction=redaction
    )


def copy_folder(settings: Settings) -> Path:
    """Return the folder of what a server keeps; each registry, store of files and model has its own."""
    # A registry stays the same with another password, and the default database after its folder was moved.
    place = urlsplit(settings.tracking_uri.removeprefix(f"sqlite:///{settings.data_dir}/"))
    address = place._replace(netloc=place.netloc.rpartition("@")[2].lower()).geturl().rstrip("/")
    if settings.store != "mlflow":
        address = settings.store
    registry = hashlib.sha256(f"{address} {settings.model_name}".encode()).hexdigest()[:12]
    return settings.data_dir / "serving" / registry


def kept_versions(settings: Settings) -> FileKeptVersions:
    """Return the copies of the newest versions, beside the copy of the champion."""
    return FileKeptVersions(copy_folder(settings) / "versions")


def sync_status(settings: Settings, path: str) -> SyncStatusChannel:
    """Return the channel from the registry sync to the workers; without a `path`, as outside a server, it is empty."""
    return FileSyncStatus(Path(path) if path else settings.data_dir / "sync-status")


def version_catalog(settings: Settings, path: str) -> FileVersionCatalog:
    """Return the catalog that the registry sync publishes beside its status, which `path` is of."""
    return FileVersionCatalog((Path(path) if path else settings.data_dir / "sync-status").with_name("catalog"))


def resolve_synced_champion(
    settings: Settings, status: SyncStatusChannel, copy: LastKnownGood, monotonic: Callable[[], float]
) -> ResolveSyncedChampion:
    """Return the resolver of the champion that the registry sync publishes."""
    fresh_for = CONFIRMED_FOR_POLLS * settings.registry_poll_seconds + MAX_REGISTRY_SECONDS
    stale_after = MAX_THROTTLE_SECONDS + 2 * (
        settings.registry_poll_seconds + MAX_REGISTRY_REQUESTS * MAX_REGISTRY_SECONDS
    )
    return ResolveSyncedChampion(status, copy, monotonic, fresh_for, stale_after)


def registry_status(synced: ResolveSyncedChampion | None) -> Callable[[], RegistryStatus] | None:
    """Return the function that returns the state of the registry, None if the models are in files of this host."""
    return synced.registry_status if synced else None
