"""`endeavour doctor`: what it says of things that are broken for real, and that it leaves them as they were."""

import json
import os
import re
import shutil
import socket
from datetime import UTC, datetime

import pytest
from dependency_injector import providers

from adapters.memory.model_store import MemoryModelStore
from domain.api_key import Role
from domain.errors import BrokenModel, StoreUnavailable
from entrypoints.cli.main import run
from entrypoints.container import Container
from entrypoints.diagnosis.configuration import VARIABLES as KNOWN
from tests.entrypoints.serving.program import Program, free_port
from tests.entrypoints.test_settings import SETTINGS, VARIABLES
from tests.examples import NOON, a_lineage, a_model, a_version

CERTIFICATE = "MLFLOW_TRACKING_SERVER_CERT_PATH"


@pytest.fixture
def environment(monkeypatch, mocker, tmp_path):
    mocker.patch.dict(os.environ)  # MLflow's client is set up there
    for name in (*VARIABLES, "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ENDEAVOUR_ARTIFACTS", str(tmp_path / "artifacts"))
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


def test_text_for_people_says_the_same(environment, capsys):
    assert run(["doctor"], Container()) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("✓ settings ")
    assert any("→ `endeavour train` makes it" in line for line in lines)


def test_misspelt_setting_is_noticed(environment, doctor, capsys):
    environment.setenv("ENDEAVOUR_MAX_BODIES", "1")

    assert run(["doctor"], Container()) == 0

    out = capsys.readouterr().out
    assert "ENDEAVOUR_MAX_BODIES is not a setting" in out
    assert "ENDEAVOUR_MAX_BODY was meant" in out


def test_every_setting_is_known():
    assert set(re.findall(r"`(ENDEAVOUR_\w+)`", SETTINGS.read_text(encoding="utf-8"))) == KNOWN


def test_wrong_setting_is_exit_code_2(environment, capsys):
    environment.setenv("ENDEAVOUR_PORT", "x")

    assert run(["doctor"], Container()) == 2
    assert "ENDEAVOUR_PORT" in capsys.readouterr().err


def test_folder_that_cannot_be_written_to_is_named(environment, doctor):
    environment.setenv("ENDEAVOUR_ARTIFACTS", "/proc/artifacts")

    code, found = doctor()

    assert (code, found["folder"]["state"]) == (5, "broken")


def test_disk_that_is_nearly_full_is_noticed(doctor, mocker):
    usage = mocker.patch("entrypoints.diagnosis.folder.shutil.disk_usage", autospec=True)
    usage.return_value.free = 100 * 1024 * 1024

    code, found = doctor()

    assert (code, found["folder"]["said"].rpartition(" has ")[2]) == (0, "100 MiB left")


def test_registry_that_refuses_is_named_without_its_password(environment, doctor):
    environment.setenv("MLFLOW_TRACKING_URI", f"http://user:hunter2@127.0.0.1:{free_port()}")

    code, found = doctor()

    assert (code, found["registry"]["state"]) == (5, "broken")
    assert "hunter2" not in json.dumps(found)


def test_registry_that_fails_for_mlflows_client_alone_is_named_where_that_is_installed(environment, doctor, mocker):
    environment.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{free_port()}")
    container = Container()
    container.champion_source.override(providers.Object(MemoryModelStore()))

    code, found = doctor(container)

    assert (code, found["registry"]["state"]) == (5, "broken")
    assert re.match("MLflow's own client: .*refused", found["registry"]["said"])
    mocker.patch("entrypoints.cli.doctor.find_spec", autospec=True, return_value=None)
    assert doctor(container)[0] == 0


@pytest.mark.integration
@pytest.mark.xdist_group("mlflow")
def test_host_check_of_mlflow_is_named_though_its_health_is_green(environment, capsys, mlflow_server):
    resolve = socket.getaddrinfo

    def as_a_name(host, *args, **kwargs):
        return resolve("127.0.0.1" if host == "mlflow.example" else host, *args, **kwargs)

    environment.setattr(socket, "getaddrinfo", as_a_name)
    environment.setenv("MLFLOW_TRACKING_URI", mlflow_server.uri.replace("127.0.0.1", "mlflow.example"))

    assert run(["doctor"], Container()) == 5

    assert "--allowed-hosts" in capsys.readouterr().out


@pytest.mark.integration
@pytest.mark.xdist_group("mlflow")
@pytest.mark.parametrize("over_http", [True, False])
def test_deleted_experiment_is_named_with_its_remedy_and_none_is_created(
    environment, doctor, mlflow_server, empty_mlflow_database, tmp_path, over_http
):
    database = shutil.copy(empty_mlflow_database, tmp_path / "mlflow.db")
    environment.setenv("MLFLOW_TRACKING_URI", mlflow_server.uri if over_http else f"sqlite:///{database}")
    environment.setenv("ENDEAVOUR_MODEL", "doctor-deleted")
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


@pytest.mark.integration
@pytest.mark.xdist_group("mlflow")
def test_registry_that_answers_is_healthy(environment, doctor, mlflow_server):
    environment.setenv("MLFLOW_TRACKING_URI", mlflow_server.uri)
    environment.setenv("ENDEAVOUR_MODEL", "doctor-empty")

    code, found = doctor()

    assert (code, found["registry"]["state"]) == (0, "worth knowing")
    assert "nothing is in production" in found["registry"]["said"]


def test_c11_champion_of_other_features_than_the_copys_is_named_until_it_is_said(environment, doctor, tmp_path):
    environment.setenv("MLFLOW_TRACKING_URI", "http://registry")
    container, store = Container(), MemoryModelStore()
    for client in (container.champion_source, container.mlflow_store):
        client.override(providers.Object(store))
    container.last_known_good().keep(a_version("41", slope=2.0))
    name = store.save(a_model(1.0, 2.0), a_lineage()).name
    store.promote(name, replacing=None, at=NOON)

    code, found = doctor(container)

    assert (code, found["registry"]["state"]) == (5, "broken")
    assert "other features than version 41, which servers here go on with (new: bp)" in found["registry"]["said"]
    assert f"`endeavour promote {name} --features-may-change`" in found["registry"]["mend"]
    store.promote(name, replacing=name, at=NOON, features_may_change=True)
    assert doctor(container)[1]["registry"]["state"] == "good"


def test_c11_copy_that_cannot_be_read_is_no_fault_of_the_registrys(environment, doctor, tmp_path):
    environment.setenv("MLFLOW_TRACKING_URI", "http://registry")
    container, store = Container(), MemoryModelStore()
    for client in (container.champion_source, container.mlflow_store):
        client.override(providers.Object(store))
    store.promote(store.save(a_model(), a_lineage()).name, replacing=None, at=NOON)
    assert doctor(container)[1]["registry"]["state"] == "good"
    container.last_known_good().keep(a_version("41", slope=2.0))
    for path in (tmp_path / "artifacts").rglob("*"):
        if path.is_file():
            path.write_bytes(b"{")

    found = doctor(container)[1]

    assert (found["registry"]["state"], found["copy"]["state"]) == ("good", "broken")


@pytest.mark.parametrize(
    ("variables", "said", "mend"),
    [
        ({CERTIFICATE: "/none.pem"}, f"{CERTIFICATE} names /none.pem", f"set {CERTIFICATE} to such a file"),
        ({"https_proxy": "127.0.0.1:1"}, "the proxy 127.0.0.1:1 of https_proxy", "a proxy or gateway before it works"),
        ({"ENDEAVOUR_STORE": "csv"}, "history.json is damaged", "restore the folder from a backup"),
    ],
)
def test_advice_fits_what_fails(environment, doctor, tmp_path, variables, said, mend):
    (tmp_path / "artifacts" / "weights").mkdir(parents=True)
    (tmp_path / "artifacts" / "weights" / "history.json").write_text("{")
    environment.setenv("MLFLOW_TRACKING_URI", "https://mlflow.example")
    for name, value in variables.items():
        environment.setenv(name, value)

    registry = doctor()[1]["registry"]

    assert said in registry["said"]
    assert mend in registry["mend"]


@pytest.mark.parametrize("store", ["csv", "pickle"])
def test_store_of_files_is_examined_instead(environment, doctor, store):
    environment.setenv("ENDEAVOUR_STORE", store)
    container = Container()
    name = container.store().save(a_model(), a_lineage()).name
    container.store().promote(name, replacing=None, at=NOON)

    code, found = doctor(container)

    assert (code, found["registry"]["state"]) == (0, "good")
    assert name in found["registry"]["said"]
    assert "copy" not in found


def test_champion_that_is_broken_is_named(environment, doctor, mocker):
    environment.setenv("ENDEAVOUR_STORE", "csv")
    container = Container()
    store = MemoryModelStore()
    mocker.patch.object(store, "champion", autospec=True, side_effect=BrokenModel("7", "its digest differs"))
    container.csv_store.override(providers.Object(store))

    code, found = doctor(container)

    assert (code, found["registry"]["state"]) == (5, "broken")
    assert "its digest differs" in found["registry"]["said"]


def test_copy_that_is_confirmed_old_or_damaged_is_told_apart(environment, doctor, tmp_path):
    container = Container()
    copy = container.last_known_good()
    copy.keep(a_version("41", slope=2.0))
    assert doctor()[1]["copy"]["state"] == "worth knowing"

    copy.note(heard_at=datetime.now(UTC), problem=None)
    assert doctor()[1]["copy"]["state"] == "good"

    for path in (tmp_path / "artifacts").rglob("*"):
        if path.is_file():
            path.write_bytes(b"{")
    code, found = doctor()
    assert (code, found["copy"]["state"]) == (5, "broken")
    assert "not ready" in found["copy"]["mend"]


def test_host_of_another_model_waits_for_its_champion(environment, doctor):
    assert "the bundled model answers" in doctor()[1]["copy"]["mend"]

    environment.setenv("ENDEAVOUR_MODEL", "houses")

    assert "not ready" in doctor()[1]["copy"]["mend"]


def test_public_address_without_keys_is_named(environment, doctor):
    environment.setenv("ENDEAVOUR_HOST", "0.0.0.0")  # noqa: S104  # it is examined

    code, found = doctor()
    assert (code, found["keys"]["state"]) == (5, "broken")

    environment.setenv("ENDEAVOUR_ALLOW_ANONYMOUS", "true")
    code, found = doctor()
    assert (code, found["keys"]["state"]) == (0, "worth knowing")


def test_address_that_others_come_by_decides_whether_keys_are_needed(environment, doctor):
    environment.setenv("ENDEAVOUR_HOST", "0.0.0.0")  # noqa: S104  # it is examined
    environment.setenv("ENDEAVOUR_PUBLISHED", "127.0.0.1")
    assert doctor()[0] == 0

    environment.setenv("ENDEAVOUR_HOST", "127.0.0.1")
    environment.setenv("ENDEAVOUR_PUBLISHED", "0.0.0.0")  # noqa: S104  # it is examined
    assert doctor()[0] == 5


def test_keys_are_counted_and_those_that_open_to_nobody_are_noticed(environment, doctor, capsys):
    container = Container()
    key = container.issue_key()("me", [Role.PREDICT]).key
    assert doctor(container)[1]["keys"]["said"].startswith("1 in ")

    container.revoke_key()(key.id)
    code, found = doctor(container)

    assert (code, found["keys"]["state"]) == (0, "worth knowing")
    assert "nobody is answered" in found["keys"]["said"]


def test_keys_that_others_can_read_or_that_are_damaged_are_noticed(environment, doctor, tmp_path):
    container = Container()
    container.issue_key()("me", [Role.PREDICT])
    file = tmp_path / "artifacts" / "keys.json"
    file.chmod(0o644)
    assert "open to other users" in doctor()[1]["keys"]["said"]

    file.write_bytes(b"{")
    code, found = doctor()

    assert (code, found["keys"]["state"]) == (5, "broken")


def test_keys_that_cannot_be_read_are_named(environment, doctor, tmp_path):
    (tmp_path / "artifacts" / "keys.json").mkdir(parents=True)

    code, found = doctor()

    assert (code, found["keys"]["state"]) == (5, "broken")


def test_port_of_another_program_is_named(environment, doctor):
    with socket.create_server(("127.0.0.1", 0)) as other:
        environment.setenv("ENDEAVOUR_PORT", str(other.getsockname()[1]))
        other.settimeout(0)

        code, found = doctor()

    assert (code, found["server"]["state"]) == (5, "broken")


def test_address_of_another_machine_is_named(environment, doctor):
    environment.setenv("ENDEAVOUR_HOST", "192.0.2.1")

    code, found = doctor()

    assert (code, found["server"]["state"]) == (5, "broken")


@pytest.mark.e2e
def test_running_server_is_recognised(environment, doctor, tmp_path):
    program = Program(tmp_path / "artifacts")
    try:
        program.wait_until_ready()
        environment.setenv("ENDEAVOUR_PORT", str(program.port))

        code, found = doctor()
    finally:
        program.clean_up()

    assert (code, found["server"]["state"]) == (0, "good")
    assert "one answers" in found["server"]["said"]
