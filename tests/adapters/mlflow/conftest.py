"""Fixtures of MLflow: databases, connections and clients, with an experiment and a model for each test."""

import os
import shutil
from pathlib import Path
from uuid import uuid4

import mlflow
import pytest

from adapters.mlflow.connection import MlflowConnection
from adapters.mlflow.names import FILE_TAG, ROLLOUT_TAG, WEIGHTS_PATH
from adapters.mlflow.rollout_store import MlflowRolloutStore
from adapters.mlflow.store import MlflowModelStore
from adapters.mlflow.tracker import MlflowTracker
from adapters.mlflow.weights_file import sha256
from domain.errors import StoreUnavailable
from tests.support.program import free_port


@pytest.fixture(autouse=True)
def _process_as_before(mocker):
    """Undo the changes of a connection to the process, from which MLflow reads its settings."""
    mocker.patch.dict(os.environ)
    yield
    mlflow.set_tracking_uri(None)


@pytest.fixture
def sqlite_uri(tmp_path, empty_mlflow_database):
    """The address of a database that a test damages."""
    shutil.copy(empty_mlflow_database, tmp_path / "mlflow.db")
    return f"sqlite:///{tmp_path}/mlflow.db"


@pytest.fixture(scope="session")
def shared_sqlite_uri(tmp_path_factory, empty_mlflow_database):
    """A database of all tests, each with a model of its own; MLflow takes half a second to open another."""
    return f"sqlite:///{shutil.copy(empty_mlflow_database, tmp_path_factory.mktemp('shared'))}"


@pytest.fixture
def uri(shared_sqlite_uri):
    """The address of a class's tests; classes that test over HTTP replace it."""
    return shared_sqlite_uri


@pytest.fixture
def model_name():
    return f"endeavour-{uuid4().hex[:8]}"


@pytest.fixture
def connect(tmp_path, model_name):
    def connect(uri, **settings):
        return MlflowConnection(uri, artifacts=tmp_path / "artifacts", experiment=model_name, **settings)

    return connect


@pytest.fixture
def open_store(connect, tmp_path, model_name):
    def open_store(uri, **settings):
        return MlflowModelStore(connect(uri, **settings), lock=tmp_path / "promotion.lock", model=model_name)

    return open_store


@pytest.fixture
def store(open_store, uri):
    return open_store(uri)


@pytest.fixture
def second(open_store, uri):
    return open_store(uri)


@pytest.fixture
def unreachable(open_store, tmp_path):
    (tmp_path / "file").write_text("in the way")
    return open_store(f"sqlite:///{tmp_path}/file/mlflow.db")


@pytest.fixture
def artifact_folder(tmp_path):
    """The folder of the files of all runs; classes that test over HTTP replace it."""
    return tmp_path


@pytest.fixture
def damage(client, model_name, artifact_folder):
    """A function that damages the weights of a version, found by their digest."""

    def damage(version):
        digest = client.get_model_version(model_name, version).tags[FILE_TAG]
        for path in artifact_folder.rglob(Path(WEIGHTS_PATH).name):
            if sha256(path.read_bytes()) == digest:
                path.write_bytes(b"damaged")

    return damage


@pytest.fixture
def open_rollouts(connect, tmp_path, model_name):
    return lambda uri: MlflowRolloutStore(connect(uri), lock=tmp_path / "promotion.lock", model=model_name)


@pytest.fixture
def models(store):
    return store


@pytest.fixture
def rollouts(open_rollouts, uri):
    return open_rollouts(uri)


@pytest.fixture
def second_rollouts(open_rollouts, uri):
    return open_rollouts(uri)


@pytest.fixture
def unreachable_rollouts(open_rollouts):
    return open_rollouts(f"http://127.0.0.1:{free_port()}")


@pytest.fixture
def keep(client, model_name):
    """A function that replaces the state of a rollout that is kept with a version."""
    return lambda version, text: client.set_model_version_tag(model_name, version, ROLLOUT_TAG, text)


@pytest.fixture
def client(connect, uri):
    """MLflow's own client, for what a user does in MLflow's pages."""
    with connect(uri).client(StoreUnavailable) as client:
        return client


@pytest.fixture
def register(client, model_name):
    """A function that registers a version without files, which rollouts and ledgers do not read."""
    client.create_registered_model(model_name)
    return lambda: str(client.create_model_version(model_name, source="s3://none/none").version)


@pytest.fixture
def tracker(connect, uri):
    return MlflowTracker(connect(uri))


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items):
    """Run this folder's tests in one process, so that they share one server."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("mlflow"))
