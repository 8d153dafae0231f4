import re
import socket

import pytest

from domain.access.api_key import Role
from entrypoints.cli.main import run
from entrypoints.container import Container
from entrypoints.factories.registry_sync import copy_folder
from tests.support.examples import a_version
from tests.support.program import Program

ANY = "0.0.0.0"  # noqa: S104  # it is examined
ADD_KEY = "`endeavour keys add NAME`"
# By name: settings, exit code, subject, part of the message, part of the remedy.
CASES = {
    "folder": ({"DATA_DIR": "/proc/artifacts"}, 5, "folder", "/proc cannot be written to", "free space"),
    "address": ({"HOST": "192.0.2.1"}, 5, "server", "cannot listen on 192.0.2.1", "ENDEAVOUR_HOST"),
    "no keys": ({"HOST": ANY}, 5, "keys", "a server does not start", ADD_KEY),
    "anonymous": ({"HOST": ANY, "ALLOW_ANONYMOUS": "true"}, 0, "keys", "every client that reaches", ADD_KEY),
    "advertised": ({"ADVERTISED_ADDRESS": ANY}, 5, "keys", f"other hosts can reach {ANY}", ADD_KEY),
    "loopback": ({"HOST": ANY, "ADVERTISED_ADDRESS": "127.0.0.1"}, 0, "keys", "only this machine is served", ""),
    "bundled": ({}, 0, "copy", "no champion", "serves the bundled model"),
    "other model": ({"MODEL_NAME": "houses"}, 0, "copy", "no champion", "is not ready"),
}


def test_new_host_is_healthy_and_stays_untouched(doctor, tmp_path):
    code, found = doctor()

    severities = {subject: finding["severity"] for subject, finding in found.items()}
    healthy = dict.fromkeys(["settings", "folder", "keys", "server"], "ok")
    assert (code, severities) == (0, healthy | {"registry": "warning", "copy": "warning"})
    assert list(tmp_path.iterdir()) == []


def test_text_for_people_has_the_same_findings_and_names_the_setting_that_is_meant(environment, capsys):
    environment.setenv("ENDEAVOUR_MAX_BODY_BITES", "1")
    environment.setenv("ENDEAVOUR_KEYS", "1")

    assert run(["doctor"], Container()) == 0

    out = capsys.readouterr().out
    assert "✓ settings " in out
    assert "→ `endeavour train` creates it" in out
    assert re.search("ENDEAVOUR_MAX_BODY_BITES is not a setting.*\n.*ENDEAVOUR_MAX_BODY_BYTES", out)
    assert re.search("ENDEAVOUR_KEYS is not a setting.*\n.*ENDEAVOUR_API_KEYS_FILE", out)


@pytest.mark.parametrize("case", CASES)
def test_effect_of_the_settings_is_named(environment, doctor, case):
    variables, expected, subject, message, remedy = CASES[case]
    for name, value in variables.items():
        environment.setenv(f"ENDEAVOUR_{name}", value)

    code, found = doctor()

    assert code == expected
    assert message in found[subject]["message"]
    assert remedy in found[subject]["remedy"]


def test_disk_that_is_nearly_full_is_noticed(doctor, mocker):
    usage = mocker.patch("entrypoints.doctor.host.shutil.disk_usage", autospec=True)
    usage.return_value.free = 100 * 1024 * 1024

    code, found = doctor()

    assert (code, found["folder"]["severity"]) == (0, "warning")
    assert "100 MiB" in found["folder"]["message"]


def test_copy_that_cannot_be_written_is_named_though_other_folders_can_be(doctor, mocker):
    container = Container()
    container.last_known_good().keep(a_version("41", slope=2.0))
    place = copy_folder(container.settings())

    def write(directory):
        if directory == place:
            raise OSError(28, "No space left on device")

    mocker.patch("entrypoints.doctor.host.require_writable", autospec=True, side_effect=write)
    code, found = doctor(container)

    assert (code, found["folder"]["message"]) == (5, f"{place} cannot be written to: no space left on device")


def test_keys_are_counted_and_their_faults_noticed(environment, doctor, tmp_path):
    container, file = Container(), tmp_path / "artifacts" / "keys.json"
    key = container.issue_key()("me", [Role.PREDICT]).key
    found = doctor(container)[1]
    assert found["keys"]["message"].startswith("1 in ")
    # Its controller cannot read it until there is an address without keys.
    assert "ENDEAVOUR_METRICS_ADDRESS" in found["rollouts"]["remedy"]
    environment.setenv("ENDEAVOUR_METRICS_ADDRESS", "127.0.0.1:9100")
    assert "rollouts" not in doctor()[1]
    file.chmod(0o644)
    assert "open to other users" in doctor()[1]["keys"]["message"]
    container.revoke_key()(key.id)
    code, found = doctor(container)
    assert (code, "no client is served" in found["keys"]["message"]) == (0, True)

    file.write_bytes(b"{")
    assert doctor()[0] == 5
    file.unlink()
    file.mkdir()
    code, found = doctor()

    assert (code, found["keys"]["severity"]) == (5, "error")


def test_port_of_another_program_is_named(environment, doctor):
    with socket.create_server(("127.0.0.1", 0)) as other:
        environment.setenv("ENDEAVOUR_PORT", str(other.getsockname()[1]))
        other.settimeout(0)

        code, found = doctor()

    assert (code, found["server"]["severity"]) == (5, "error")


@pytest.mark.e2e
def test_running_server_is_recognized(environment, doctor, tmp_path):
    with Program(tmp_path / "artifacts") as program:
        environment.setenv("ENDEAVOUR_PORT", str(program.port))

        code, found = doctor()

    assert (code, found["server"]["severity"]) == (0, "ok")
    assert "a server answers" in found["server"]["message"]
