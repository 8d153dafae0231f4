"""A host without settings, and the command that examines it."""

import json
import os
from collections.abc import Callable

import pytest

from entrypoints.cli.main import run
from entrypoints.container import Container
from entrypoints.settings import VARIABLES
from tests.support.program import free_port


@pytest.fixture
def environment(monkeypatch, mocker, tmp_path) -> pytest.MonkeyPatch:
    mocker.patch.dict(os.environ)  # MLflow's client is set up there
    for name in (*VARIABLES, "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ENDEAVOUR_DATA_DIR", str(tmp_path / "artifacts"))
    monkeypatch.setenv("ENDEAVOUR_PORT", str(free_port()))
    return monkeypatch


@pytest.fixture
def doctor(environment, capsys) -> Callable[..., tuple[int, dict]]:
    """A function that runs the checks and returns the exit code and, by subject, the last finding."""

    def examine(container: Container | None = None) -> tuple[int, dict]:
        code = run(["doctor", "--json"], container or Container())
        out, err = capsys.readouterr()
        findings = json.loads(out)
        assert err == ""
        assert all(finding["remedy"] for finding in findings if finding["severity"] != "ok")
        return code, {finding["subject"]: finding for finding in findings}

    return examine
