"""Program as a wheel, unpacked in another git repository, without its checkout."""

import json
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.support.program import run_command

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "application", "adapters", "entrypoints")


@pytest.fixture
def site(tmp_path):
    """A folder of installed packages inside another git repository."""
    source, site = tmp_path / "source", tmp_path / "theirs/site"
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, source)
    words = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path, source]
    subprocess.run([sys.executable, *words], check=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        wheel.extractall(site)
    git = ["git", "-c", "user.name=me", "-c", "user.email=me@localhost"]
    subprocess.run([*git, "init", "--quiet"], cwd=site.parent, check=True)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "--message", "mine"], cwd=site.parent, check=True)
    return site


def test_wheel_trains_predicts_and_serves_without_its_checkout(site, tmp_path, artifacts, ready):
    for package in PACKAGES:
        files = {path.relative_to(ROOT) for path in (ROOT / package).rglob("*") if path.is_file()}
        assert {path for path in files if "__pycache__" not in path.parts and not (site / path).exists()} == set()

    (tmp_path / "empty").mkdir()
    environment = {"PYTHONPATH": str(site), "ENDEAVOUR_STORE": "csv", "ENDEAVOUR_DATA_DIR": str(artifacts)}

    def endeavour(*words):
        return run_command(*words, cwd=tmp_path / "empty", **environment).stdout

    assert version("endeavour") in endeavour("--version")
    assert json.loads(endeavour("train", "--json"))["promoted"]
    assert json.loads(endeavour("models", "--json"))[0]["lineage"]["code_revision"] == version("endeavour")
    assert endeavour("predict", "0.2").startswith("340.5")
    server = ready(cwd=tmp_path / "empty", environment=environment)
    assert server.ask("POST", "/stream", {"X": 0.2})[0] == 200
    assert [
        server.ask("GET", path)[0]
        for path in ("/docs", "/docs/swagger-ui-bundle.js", "/console/", "/console/console.js")
    ] == [200] * 4
