import gc
import subprocess
import sys
from pathlib import Path

import pytest

import entrypoints
from entrypoints.cli.exit_codes import HELP, ExitCode
from entrypoints.cli.main import COMMANDS, run
from tests.support.program import INHERITED


def test_refusals_of_the_store_exit_with_4_and_a_hint(endeavour):
    for words, message in (
        (("promote", "77"), "no model version '77'"),
        (("rollback",), "nothing to roll back to"),
        (("predict", "0.2", "--version", "77"), "no model version '77'"),
        (("predict", "0.2"), "endeavour train"),
    ):
        code, out, err = endeavour(*words)

        assert (code, out) == (ExitCode.REFUSED, "")
        assert message in err


def test_wrong_setting_is_named(endeavour, monkeypatch):
    monkeypatch.setenv("ENDEAVOUR_PORT", "eighty")

    for command in ("models", "doctor"):
        code, _, err = endeavour(command)

        assert code == 2
        assert err == 'endeavour: Environment variable "ENDEAVOUR_PORT" invalid: Not a valid integer.\n'


def test_help_exists_for_every_command_and_lists_the_exit_codes(endeavour):
    for command in COMMANDS:
        code, out, _ = endeavour(command, "--help")
        assert code == 0
        assert f"Usage: endeavour {command}" in out
    code, out, _ = endeavour("--help")
    assert all(f"\n  {command} " in out for command in COMMANDS)
    assert all(line in out for line in HELP.splitlines()[2:])
    assert all(f" {code.value}  " in HELP for code in ExitCode)
    assert endeavour("nonsense")[0] == ExitCode.BAD_INPUT


def test_missing_packages_of_the_extra_are_named(artifacts):
    absent = dict.fromkeys(("mlflow", "pyarrow", "matplotlib"))
    program = f"import sys; sys.modules.update({absent}); from entrypoints.main import main; main()"
    artifacts.mkdir()
    (artifacts / "mlflow.db").touch()
    for command, code, output in (("models", 2, "stderr"), ("doctor", 5, "stdout")):
        words, env = [sys.executable, "-c", program, command], INHERITED | {"ENDEAVOUR_DATA_DIR": str(artifacts)}
        ended = subprocess.run(words, check=False, env=env, capture_output=True, text=True)

        assert ended.returncode == code, ended
        assert "endeavour[train]" in getattr(ended, output)
        assert "Traceback" not in ended.stdout + ended.stderr


HOUSES = str(Path(entrypoints.__file__).parent / "data" / "houses.csv")
ROW = (
    '[{"area": 68, "city": "Oslo", "district": "Sentrum", "rooms": null, "built": 1927, "heating": "district",'
    ' "garage": false, "sold": "2022-05-24"}]'
)
NEVER = {"flask", "mlflow", "pandas", "pydantic", "werkzeug", "yaml"}
OF_OTHERS = {"http.client", "importlib.metadata", "matplotlib", "numpy.random", "pyarrow", "urllib.request"}
# Run in this order over one store of CSV files, because the later commands need the trained version.
NOT_IMPORTED = {
    ("--help",): {*NEVER, "dependency_injector", "numpy"},
    ("train", "--data", HOUSES, "--target", "price"): NEVER,
    ("models",): {*NEVER, *OF_OTHERS},
    ("predict", ROW): {*NEVER, *OF_OTHERS, "domain.learning.sgd"},
    ("predict", "--data", HOUSES, "--output", "out"): {*NEVER, "matplotlib"},
    ("drift", "--data", HOUSES): {*NEVER, "matplotlib"},
}


@pytest.mark.slow
def test_commands_import_no_library_that_they_do_not_need(tmp_path):
    program = (
        "import sys; from entrypoints.cli.main import main; code = main(sys.argv[1:]); print(*sys.modules); exit(code)"
    )
    env = INHERITED | {"ENDEAVOUR_STORE": "csv", "ENDEAVOUR_DATA_DIR": str(tmp_path / "artifacts")}
    for words, unneeded in NOT_IMPORTED.items():
        command = [sys.executable, "-c", program, *words]
        ended = subprocess.run(command, check=True, env=env, cwd=tmp_path, capture_output=True, text=True)

        assert unneeded.isdisjoint(ended.stdout.split()), words


@pytest.mark.parametrize("words", [("models",), ("train", "--dry-run")])
def test_garbage_is_collected_from_the_moment_when_a_command_is_imported(endeavour, words):
    gc.disable()

    endeavour(*words)
    frozen = gc.get_freeze_count()
    gc.unfreeze()

    assert gc.isenabled()
    assert frozen


def test_shells_complete_commands(container, capsys, monkeypatch):
    monkeypatch.setenv("_ENDEAVOUR_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "endeavour ro")
    monkeypatch.setenv("COMP_CWORD", "1")

    with pytest.raises(SystemExit):
        run((), container)

    assert capsys.readouterr().out == "plain,rollback\nplain,rollout\n"
