import json
import re
import shutil

import pytest
from dependency_injector import providers

from adapters.memory.model_store import InMemoryModelStore
from domain.errors import StoreUnavailable
from domain.model.errors import CorruptModel
from domain.model.model_version import ModelVersion
from entrypoints.container import Container
from tests.support.examples import NOON, a_lineage, a_model, a_version
from tests.support.program import free_port

CERTIFICATE = "MLFLOW_TRACKING_SERVER_CERT_PATH"
# Settings, and parts of the message and of the remedy.
ADVICE = [
    ({"MLFLOW_TRACKING_URI": "http://user:hunter2@127.0.0.1:1"}, "refused", "see that MLflow runs"),
    ({CERTIFICATE: "/none.pem"}, f"{CERTIFICATE} names /none.pem", f"set {CERTIFICATE} to such a file"),
    ({"https_proxy": "127.0.0.1:1"}, "the proxy 127.0.0.1:1 of https_proxy", "a proxy or gateway before it works"),
    ({"ENDEAVOUR_STORE": "csv"}, "history.json is damaged", "restore the folder from a backup"),
]


@pytest.fixture
def registry(environment, mocker):
    """A container whose registry is a store in memory, on a host without MLflow's client."""
    environment.setenv("MLFLOW_TRACKING_URI", "http://registry")
    mocker.patch("entrypoints.doctor.champion.find_spec", autospec=True, return_value=None)
    container = Container()
    for client in (container.champion_source, container.mlflow_store):
        client.override(providers.Object(InMemoryModelStore()))
    return container


def promote(store, *slopes, **approval):
    name = store.save(ModelVersion("", a_model(*slopes), a_lineage())).name
    store.promote(name, replacing=None, at=NOON, **approval)
    return name


@pytest.mark.parametrize(("variables", "message", "remedy"), ADVICE)
def test_advice_fits_what_fails_and_shows_no_password(environment, doctor, tmp_path, variables, message, remedy):
    (tmp_path / "artifacts" / "weights").mkdir(parents=True)
    (tmp_path / "artifacts" / "weights" / "history.json").write_text("{")
    environment.setenv("MLFLOW_TRACKING_URI", "https://mlflow.example")
    for name, value in variables.items():
        environment.setenv(name, value)

    code, found = doctor()

    assert (code, found["registry"]["severity"]) == (5, "error")
    assert message in found["registry"]["message"]
    assert remedy in found["registry"]["remedy"]
    assert "hunter2" not in json.dumps(found)


def test_registry_that_fails_for_mlflows_client_alone_is_named_where_that_is_installed(environment, doctor, mocker):
    environment.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{free_port()}")
    container = Container()
    container.champion_source.override(providers.Object(InMemoryModelStore()))

    code, found = doctor(container)

    assert (code, found["registry"]["severity"]) == (5, "error")
    assert re.match("MLflow's own client: .*refused", found["registry"]["message"])
    mocker.patch("entrypoints.doctor.champion.find_spec", autospec=True, return_value=None)
    assert doctor(container)[0] == 0


@pytest.mark.integration
def test_deleted_experiment_is_named_with_its_remedy_and_none_is_created(
    environment, doctor, empty_mlflow_database, tmp_path
):
    database = shutil.copy(empty_mlflow_database, tmp_path / "mlflow.db")
    environment.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{database}")
    environment.setenv("ENDEAVOUR_MODEL_NAME", "doctor-deleted")
    container = Container()
    with container.mlflow_connection().client(StoreUnavailable) as client:
        assert "training" not in doctor(container)[1]
        assert client.get_experiment_by_name("doctor-deleted") is None
        experiment = client.create_experiment("doctor-deleted")
        client.delete_experiment(experiment)

    code, found = doctor(container)

    assert (code, found["training"]["severity"]) == (5, "error")
    assert "the experiment 'doctor-deleted' was deleted" in found["training"]["message"]
    assert f"mlflow experiments restore --experiment-id {experiment}" in found["training"]["remedy"]


def test_c11_champion_of_other_features_than_the_copys_is_named_until_it_is_approved(registry, doctor):
    assert "there is no champion" in doctor(registry)[1]["registry"]["message"]
    registry.last_known_good().keep(a_version("41", slope=2.0))
    store = registry.champion_source()
    name = promote(store, 1.0, 2.0)

    code, found = doctor(registry)

    assert (code, found["registry"]["severity"]) == (5, "error")
    assert re.search(r"than version 41, .*\(added: bp\)", found["registry"]["message"])
    assert f"`endeavour promote {name} --allow-feature-change`" in found["registry"]["remedy"]
    store.promote(name, replacing=name, at=NOON, feature_change_approved=True)
    code, found = doctor(registry)
    assert (code, found["registry"]["severity"]) == (0, "ok")
    assert registry.last_known_good().champion().name == "41"


def test_copy_that_is_damaged_is_named(doctor, tmp_path):
    Container().last_known_good().keep(a_version("41", slope=2.0))
    assert doctor()[1]["copy"]["severity"] == "ok"
    for path in (tmp_path / "artifacts").rglob("*"):
        if path.is_file():
            path.write_bytes(b"{")

    code, found = doctor()

    assert (code, found["copy"]["severity"]) == (5, "error")
    assert "not ready" in found["copy"]["remedy"]


def test_store_of_files_is_examined_instead(environment, doctor, mocker):
    environment.setenv("ENDEAVOUR_STORE", "pickle")
    container = Container()
    name = promote(container.store(), 1.0)
    code, found = doctor(container)
    assert (code, "copy" in found) == (0, False)
    assert f"version {name} is the champion" in found["registry"]["message"]
    error = CorruptModel("7", "its digest differs")
    mocker.patch.object(container.store(), "champion", autospec=True, side_effect=error)

    code, found = doctor(container)

    assert (code, found["registry"]["severity"]) == (5, "error")
    assert str(error) in found["registry"]["message"]
