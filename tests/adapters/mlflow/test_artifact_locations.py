"""Locations of artifacts: those outside the server or the data folder are neither read nor written."""

import socket

import pytest

from adapters.mlflow.artifact_locations import local_path, server_path
from adapters.mlflow.remedies import OperatorNeeded
from adapters.mlflow.tracker import MlflowTracker
from domain.errors import StoreUnavailable, TrackerUnavailable
from domain.model.errors import CorruptModel
from domain.model.model_version import ModelVersion
from tests.support.examples import a_lineage, a_model, a_training
from tests.support.fault_proxy import FaultProxy, changed


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("/home/ada/a b%20?#/1", "/home/ada/a b%20?#/1"),
        ("file:///home/ada/a%20b", "/home/ada/a b"),
        ("file://localhost/x", "/x"),
        *((elsewhere, None) for elsewhere in ("file://host/x", "s3://bucket/x", "mlflow-artifacts:/1", "./x", None)),
    ],
)
def test_database_names_folders_of_this_machine(place, path):
    if path:
        assert local_path(place) == path
    else:
        with pytest.raises(OperatorNeeded, match="no folder of this machine"):
            local_path(place)


ANOTHER, UNSERVED = "which is on another server", "which the server does not serve"
CHARACTERS = "a path may have letters, digits"


def test_server_names_paths_below_its_own_api():
    assert server_path("mlflow-artifacts:/2/models/m-1/artifacts") == "2/models/m-1/artifacts"
    for place, why in {
        "http://evil.example/2": ANOTHER,
        "mlflow-artifacts://evil.example/2": ANOTHER,
        "s3://bucket/2/models": UNSERVED,
        "file:///etc": UNSERVED,
        "": UNSERVED,
        "mlflow-artifacts:/": CHARACTERS,
        "mlflow-artifacts:/2/../../etc": CHARACTERS,
        "mlflow-artifacts:/2/models?x=1": CHARACTERS,
        "mlflow-artifacts:/2/models#x": CHARACTERS,
        "mlflow-artifacts:/2/a b": CHARACTERS,
        "mlflow-artifacts:/2/%2e%2e/x": CHARACTERS,
    }.items():
        with pytest.raises(OperatorNeeded, match=why):
            server_path(place)


@pytest.mark.integration
def test_artifacts_elsewhere_are_neither_read_nor_written(mlflow_server, connect, open_store):
    version = open_store(mlflow_server.uri).save(ModelVersion("", a_model(), a_lineage())).name
    with MlflowTracker(connect(mlflow_server.uri)).run({}) as run:
        run.record(a_training(), {})
    with FaultProxy.before(mlflow_server.uri) as proxy, socket.create_server(("127.0.0.1", 0)) as stranger:
        store, tracker = open_store(proxy.uri), MlflowTracker(connect(proxy.uri))
        for form, why in {"http://{}/": ANOTHER, "mlflow-artifacts://{}/": ANOTHER, "file:///tmp/": UNSERVED}.items():
            place = form.format(f"127.0.0.1:{stranger.getsockname()[1]}").encode()
            proxy.fail(changed(lambda body, place=place: body.replace(b"mlflow-artifacts:/", place)))

            with pytest.raises(CorruptModel, match=f"{why}.*; .*set ENDEAVOUR_MODEL_NAME to a new name"):
                store.load(version)
            with pytest.raises(StoreUnavailable) as saving:
                store.save(ModelVersion("", a_model(), a_lineage()))
            with pytest.raises(TrackerUnavailable) as tracking, tracker.run({}):
                pass

            for error in (saving.value, tracking.value):
                assert why in error.why
                assert ("--serve-artifacts" in error.remedy) == (why == UNSERVED)
        stranger.setblocking(False)
        with pytest.raises(BlockingIOError):
            stranger.accept()
