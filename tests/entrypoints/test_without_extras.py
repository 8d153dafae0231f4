"""Commands of an installation without the extra `train`."""

import subprocess
import sys

import pytest

from tests.support.program import INHERITED

ABSENT = dict.fromkeys(["mlflow", "pyarrow", "matplotlib"])
PROGRAM = (
    f"import sys; sys.modules.update({ABSENT}); from entrypoints.cli.main import main; sys.exit(main(sys.argv[1:]))"
)


@pytest.mark.parametrize(("command", "ending", "output"), [("models", 2, "stderr"), ("doctor", 5, "stdout")])
def test_extra_is_named_where_its_packages_are_missing(tmp_path, command, ending, output):
    (tmp_path / "mlflow.db").touch()
    environment = INHERITED | {
        "ENDEAVOUR_DATA_DIR": str(tmp_path),
        "MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path}/mlflow.db",
    }

    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM, command], check=False, env=environment, capture_output=True, text=True
    )

    assert finished.returncode == ending, finished
    assert "endeavour[train]" in getattr(finished, output)
    assert "Traceback" not in finished.stdout + finished.stderr
