"""`endeavour doctor`: what it finds of faults that are real, and that it changes nothing."""

import json
import os
import re
import shutil
import socket

import pytest
from dependency_injector import providers

from adapters.memory.model_store import InMemoryModelStore
from domain.access.api_key import Role
from domain.errors import StoreUnavailable
from domain.model.errors import CorruptModel
from domain.model.model_version import ModelVersion
from entrypoints.cli.main import run
from entrypoints.container import Container
from entrypoints.factories import copy_folder
from entrypoints.settings import VARIABLES
from tests.support.examples import NOON, a_lineage, a_model, a_version
from tests.support.program import Program, free_port

ANYWHERE = "0.0.0.0"  # noqa: S104  # it is examined
CERTIFICATE = "MLFLOW_TRACKING_SERVER_CERT_PATH"


@pytest.fixture
def environment(monkeypatch, mocker, tmp_path):
    mocker.patch.dict(os.environ)  # MLflow's client is set up there
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ENDEAVOUR_DATA_DIR", str(tmp_path / "artifacts"))
    monkeypatch.setenv("ENDEAVOUR_PORT", str(free_port()))
    return monkeypatch


@pytest.fixture
def doctor(environment, capsys):
    """Examine and return the exit code and, by subject, what was found last."""

    def examine(container=None):
        code = run(["doctor", "--json"], container or Container())
        out, err = capsys.readouterr()
        found = json.loads(out)
        assert err == ""
        assert all(finding["mend"] for finding in found if finding["state"] != "good")
        return code, {finding["subject"]: finding for finding in found}

    return examine


def test_new_host_is_healthy_and_stays_untouched(doctor, tmp_path):
    code, found = doctor()

    assert code == 0
    assert {subject: finding["state"] for subject, finding in found.items()} == {
        "settings": "good",
        "folder": "good",
        "registry": "worth knowing",
        "copy": "worth knowing",
        "keys": "good",
        "server": "good",
    }
    assert list(tmp_path.iterdir()) == []


def test_text_for_people_holds_the_same_and_misspelt_settings(environment, capsys):
    environment.setenv("ENDEAVOUR_MAX_BODY_BITES", "1")

    assert run(["doctor"], Container()) == 0

    out = capsys.readouterr().out
    assert "✓ settings " in out
    assert "→ `endeavour train` makes it" in out
    assert re.search("ENDEAVOUR_MAX_BODY_BITES is not a setting.*\n.*ENDEAVOUR_MAX_BODY_BYTES was meant", out)


def test_wrong_setting_is_exit_code_2(environment, capsys):
    environment.setenv("ENDEAVOUR_PORT", "x")

    assert run(["doctor"], Container()) == 2
    assert "ENDEAVOUR_PORT" in capsys.readouterr().err


CASES = {
    "folder": ({"DATA_DIR": "/proc/artifacts"}, 5, "folder", "/proc cannot be written to", "free space"),
    "address": ({"HOST": "192.0.2.1"}, 5, "server", "cannot listen on 192.0.2.1", "an address of this machine"),
    "no keys": ({"HOST": ANYWHERE}, 5, "keys", "a server does not start", "`endeavour keys add NAME`"),
    "anonymous": ({"HOST": ANYWHERE, "ALLOW_ANONYMOUS": "true"}, 0, "keys", "every client that reaches", "make keys"),
    "published": (
        {"ADVERTISED_ADDRESS": ANYWHERE},
        5,
        "keys",
        f"others can reach {ANYWHERE}",
        "`endeavour keys add NAME`",
    ),
    "loopback": ({"HOST": ANYWHERE, "ADVERTISED_ADDRESS": "127.0.0.1"}, 0, "keys", "only this machine is answered", ""),
    "bundled": ({}, 0, "copy", "no champion has been seen here", "the bundled model answers"),
    "other model": ({"MODEL_NAME": "houses"}, 0, "copy", "no champion has been seen here", "waits for it, not ready"),
}


@pytest.mark.parametrize("case", CASES)
def test_fault_of_the_settings_is_named(environment, doctor, case):
    variables, expected, subject, said, mend = CASES[case]
    for name, value in variables.items():
        environment.setenv(f"ENDEAVOUR_{name}", value)

    code, found = doctor()

    assert code == expected
    assert said in found[subject]["said"]
    assert mend in found[subject]["mend"]


def test_disk_that_is_nearly_full_is_noticed(doctor, mocker):
    usage = mocker.patch("entrypoints.doctor.host.shutil.disk_usage", autospec=True)
    usage.return_value.free = 100 * 1024 * 1024

    code, found = doctor()

    assert (code, found["folder"]["said"].rpartition(" has ")[2]) == (0, "100 MiB left")


def test_copy_that_cannot_be_written_is_named_though_other_folders_can_be(environment, doctor, mocker):
    container = Container()
    container.last_known_good().keep(a_version("41", slope=2.0))
    place = copy_folder(container.settings())

    def write(directory):
        if directory == place:
            raise OSError(28, "No space left on device")

    mocker.patch("entrypoints.doctor.host.require_writable", autospec=True, side_effect=write)
    code, found = doctor(container)

    assert (code, found["folder"]["said"]) == (5, f"{place} cannot be written to: no space left on device")


ADVICE = [
    ({"MLFLOW_TRACKING_URI": "http://user:hunter2@127.0.0.1:1"}, "refused", "see that MLflow runs"),
    ({CERTIFICATE: "/none.pem"}, f"{CERTIFICATE} names /none.pem", f"set {CERTIFICATE} to such a file"),
    ({"https_proxy": "127.0.0.1:1"}, "the proxy 127.0.0.1:1 of https_proxy", "a proxy or gateway before it works"),
    ({"ENDEAVOUR_STORE": "csv"}, "history.json is damaged", "restore the folder from a backup"),
]


@pytest.mark.parametrize(("variables", "said", "mend"), ADVICE)
def test_advice_fits_what_fails_and_shows_no_password(environment, doctor, tmp_path, variables, said, mend):
    (tmp_path / "artifacts" / "weights").mkdir(parents=True)
    (tmp_path / "artifacts" / "weights" / "history.json").write_text("{")
    environment.setenv("MLFLOW_TRACKING_URI", "https://mlflow.example")
    for name, value in variables.items():
        environment.setenv(name, value)

    code, found = doctor()

    assert (code, found["registry"]["state"]) == (5, "broken")
    assert said in found["registry"]["said"]
    assert mend in found["registry"]["mend"]
    assert "hunter2" not in json.dumps(found)


def test_registry_that_fails_for_mlflows_client_alone_is_named_where_that_is_installed(environment, doctor, mocker):
    environment.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{free_port()}")
    container = Container()
    container.champion_source.override(providers.Object(InMemoryModelStore()))

    code, found = doctor(container)

    assert (code, found["registry"]["state"]) == (5, "broken")
    assert re.match("MLflow's own client: .*refused", found["registry"]["said"])
    mocker.patch("entrypoints.doctor.champion.find_spec", autospec=True, return_value=None)
    assert doctor(container)[0] == 0


@pytest.mark.integration
@pytest.mark.xdist_group("mlflow")
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

    assert (code, found["training"]["state"]) == (5, "broken")
    assert "the experiment 'doctor-deleted' was deleted" in found["training"]["said"]
    assert f"mlflow experiments restore --experiment-id {experiment}" in found["training"]["mend"]


@pytest.fixture
def registry(environment, mocker):
    """A container whose registry is a store in memory."""
    environment.setenv("MLFLOW_TRACKING_URI", "http://registry")
    mocker.patch("entrypoints.doctor.champion.find_spec", autospec=True, return_value=None)
    container = Container()
    for client in (container.champion_source, container.mlflow_store):
        client.override(providers.Object(InMemoryModelStore()))
    return container


def test_registry_is_healthy_with_a_champion_and_without(registry, doctor):
    assert "nothing is in production" in doctor(registry)[1]["registry"]["said"]
    store = registry.champion_source()
    store.promote(store.save(ModelVersion("", a_model(), a_lineage())).name, replacing=None, at=NOON)

    code, found = doctor(registry)

    assert (code, found["registry"]["state"]) == (0, "good")


def test_c11_champion_of_other_features_than_the_copys_is_named_until_consent_is_given(registry, doctor):
    registry.last_known_good().keep(a_version("41", slope=2.0))
    store = registry.champion_source()
    name = store.save(ModelVersion("", a_model(1.0, 2.0), a_lineage())).name
    store.promote(name, replacing=None, at=NOON)

    code, found = doctor(registry)

    assert (code, found["registry"]["state"]) == (5, "broken")
    assert "other features than version 41, which servers here go on with (added: bp)" in found["registry"]["said"]
    assert f"`endeavour promote {name} --allow-feature-change`" in found["registry"]["mend"]
    store.promote(name, replacing=name, at=NOON, feature_change_approved=True)
    assert doctor(registry)[1]["registry"]["state"] == "good"
    assert registry.last_known_good().champion().name == "41"


def test_copy_that_is_damaged_is_named(environment, doctor, tmp_path):
    Container().last_known_good().keep(a_version("41", slope=2.0))
    assert doctor()[1]["copy"]["state"] == "good"
    for path in (tmp_path / "artifacts").rglob("*"):
        if path.is_file():
            path.write_bytes(b"{")

    code, found = doctor()

    assert (code, found["copy"]["state"]) == (5, "broken")
    assert "not ready" in found["copy"]["mend"]


def test_store_of_files_is_examined_instead(environment, doctor, mocker):
    environment.setenv("ENDEAVOUR_STORE", "pickle")
    container = Container()
    name = container.store().save(ModelVersion("", a_model(), a_lineage())).name
    container.store().promote(name, replacing=None, at=NOON)
    code, found = doctor(container)
    assert (code, "copy" in found) == (0, False)
    assert f"version {name} is in production" in found["registry"]["said"]
    error = CorruptModel("7", "its digest differs")
    mocker.patch.object(container.store(), "champion", autospec=True, side_effect=error)

    code, found = doctor(container)

    assert (code, found["registry"]["state"]) == (5, "broken")
    assert "its digest differs" in found["registry"]["said"]


def test_keys_are_counted_and_their_faults_noticed(environment, doctor, tmp_path):
    container, file = Container(), tmp_path / "artifacts" / "keys.json"
    key = container.issue_key()("me", [Role.PREDICT]).key
    assert doctor(container)[1]["keys"]["said"].startswith("1 in ")
    file.chmod(0o644)
    assert "open to other users" in doctor()[1]["keys"]["said"]
    container.revoke_key()(key.id)
    code, found = doctor(container)
    assert (code, "no client is answered" in found["keys"]["said"]) == (0, True)

    file.write_bytes(b"{")
    assert doctor()[0] == 5
    file.unlink()
    file.mkdir()
    code, found = doctor()

    assert (code, found["keys"]["state"]) == (5, "broken")


def test_port_of_another_program_is_named(environment, doctor):
    with socket.create_server(("127.0.0.1", 0)) as other:
        environment.setenv("ENDEAVOUR_PORT", str(other.getsockname()[1]))
        other.settimeout(0)

        code, found = doctor()

    assert (code, found["server"]["state"]) == (5, "broken")


@pytest.mark.e2e
def test_running_server_is_recognized(environment, doctor, tmp_path):
    program = Program(tmp_path / "artifacts")
    try:
        program.wait_until_ready()
        environment.setenv("ENDEAVOUR_PORT", str(program.port))

        code, found = doctor()
    finally:
        program.clean_up()

    assert (code, found["server"]["state"]) == (0, "good")
    assert "one answers" in found["server"]["said"]
