"""Stores: the folders of the data folder, and MLflow's stores, whose library is imported when one is needed."""

from pathlib import Path
from typing import TYPE_CHECKING

from domain.access.redaction import Redaction
from entrypoints.settings import Settings

if TYPE_CHECKING:
    from adapters.mlflow.connection import MlflowConnection
    from adapters.mlflow.ledger import MlflowLedger
    from adapters.mlflow.rollout_store import MlflowRolloutStore
    from adapters.mlflow.store import MlflowModelStore
    from adapters.mlflow.tracker import MlflowTracker


def folder(settings: Settings, name: str) -> Path:
    """Return the folder `name` in the data folder."""
    return settings.data_dir / name


def mlflow_connection(settings: Settings, redaction: Redaction) -> "MlflowConnection":
    """Return the connection to MLflow that its store and its tracker share."""
    from adapters.mlflow.connection import MlflowConnection

    return MlflowConnection(
        settings.tracking_uri,
        artifacts=settings.data_dir / "mlflow",
        experiment=settings.model_name,
        timeout=settings.mlflow_timeout,
        redaction=redaction,
    )


def mlflow_store(settings: Settings, connection: "MlflowConnection") -> "MlflowModelStore":
    """Return MLflow's model registry."""
    from adapters.mlflow.store import MlflowModelStore

    return MlflowModelStore(connection, lock=settings.data_dir / "promotion.lock", model=settings.model_name)


def mlflow_rollouts(settings: Settings, connection: "MlflowConnection") -> "MlflowRolloutStore":
    """Return the rollouts in MLflow's model registry."""
    from adapters.mlflow.rollout_store import MlflowRolloutStore

    return MlflowRolloutStore(connection, lock=settings.data_dir / "promotion.lock", model=settings.model_name)


def mlflow_ledger(settings: Settings, connection: "MlflowConnection") -> "MlflowLedger":
    """Return the ledger in MLflow's model registry."""
    from adapters.mlflow.ledger import MlflowLedger

    return MlflowLedger(connection, lock=settings.data_dir / "promotion.lock", model=settings.model_name)


def mlflow_tracker(connection: "MlflowConnection") -> "MlflowTracker":
    """Return MLflow's tracking."""
    from adapters.mlflow.tracker import MlflowTracker

    return MlflowTracker(connection)
