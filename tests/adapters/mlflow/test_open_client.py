import shutil

import pytest

from adapters.mlflow.connection import MlflowConnection
from adapters.mlflow.names import FOLDER_TAG
from adapters.mlflow.store import MlflowModelStore
from adapters.mlflow.tracker import MlflowTracker
from domain.errors import StoreUnavailable
from domain.model.model_version import ModelVersion
from tests.support.examples import a_lineage, a_training


class Project:
    """What keeps models and runs under one folder, as a new process finds it."""

    def __init__(self, folder, database="mlflow.db"):
        self.folder = folder
        self.connection = MlflowConnection(f"sqlite:///{folder}/{database}", artifacts=folder / "mlflow")
        self.store = MlflowModelStore(self.connection, lock=folder / "promotion.lock")

    def train(self):
        """Return a new version and the id of its run."""
        training = a_training()
        with MlflowTracker(self.connection).run({}) as run:
            run.record(training, {})
            return self.store.save(ModelVersion("", training.fit.model, a_lineage(run_id=run.id))), run.id

    def files_of(self, run_id):
        with self.connection.client(StoreUnavailable) as client:
            return [file.path for file in client.list_artifacts(run_id)]

    def locations(self):
        with self.connection.client(StoreUnavailable) as client:
            return {found.name: found.artifact_location for found in client.search_experiments()}

    def files(self):
        return {path: path.stat().st_mtime_ns for path in self.folder.rglob("*") if path.is_file()}


@pytest.fixture
def first(tmp_path, empty_mlflow_database):
    (tmp_path / "first").mkdir()
    shutil.copy(empty_mlflow_database, tmp_path / "first/mlflow.db")
    return Project(tmp_path / "first")


@pytest.mark.slow
def test_folder_keeps_its_versions_and_takes_new_ones_after_it_was_moved_and_copied(first, tmp_path, caplog):
    version, run_id = first.train()
    outside = {"theirs": "/mnt/theirs", "near": f"{first.folder}/mlflow-near"}
    with first.connection.client(StoreUnavailable) as client:
        for name, place in outside.items():
            client.create_experiment(name, artifact_location=place)

    moved = Project(first.folder.rename(tmp_path / "moved"))
    assert moved.store.load(version.name) == version
    assert "weights.csv" in moved.files_of(run_id)
    second, _ = moved.train()
    assert not first.folder.exists()
    assert moved.locations().items() >= {"endeavour": f"{moved.folder}/mlflow", **outside}.items()

    copied, before = Project(shutil.copytree(moved.folder, tmp_path / "copied")), moved.files()
    third, _ = copied.train()
    assert moved.files() == before
    assert [copied.store.load(name) for name in copied.store.versions()] == [version, second, third]
    assert [record.message for record in caplog.records] == ["artifacts_moved", "artifacts_moved"]


def test_database_that_the_user_named_is_not_rewritten(first):
    shutil.move(first.folder / "mlflow.db", first.folder / "named.db")
    named = Project(first.folder, "named.db")

    with named.connection.client(StoreUnavailable) as client:
        experiment = client.get_experiment(named.connection.experiment_id(client))

    assert FOLDER_TAG not in experiment.tags
