"""What holds for the project as a whole."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCKS = [*sorted((ROOT / "requirements").glob("*.txt")), ROOT / "benchmarks" / "serving" / "requirements-mlserver.txt"]


def test_packages_at_the_top_are_the_architecture():
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert packages == {"domain", "application", "adapters", "entrypoints", "tests"}


@pytest.mark.parametrize("folder", ["domain", "application", "adapters", "entrypoints"])
def test_every_package_says_what_belongs_there(folder):
    for package in (ROOT / folder).rglob("__init__.py"):
        assert package.read_text(encoding="utf-8").startswith('"""'), package


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_requirements_are_locked_with_hashes_and_no_address(lock):
    text = lock.read_text(encoding="utf-8")
    pins = re.findall(r"^\S+==\S+.*\\$", text, re.MULTILINE)

    assert len(pins) > 10
    assert text.count("--hash=sha256:") >= len(pins)
    assert not re.search(r"https?:|file:|--(extra-)?index|--find-links|/opt/|/root/|/home/", text)


def test_smaller_locks_are_part_of_the_larger_ones():
    pins = {
        path.stem: set(re.findall(r"^[^\s#]+==[^\s\\]+", path.read_text(encoding="utf-8"), re.MULTILINE))
        for path in LOCKS
    }

    assert pins["serve"] <= pins["train"] <= pins["test"]


def test_no_module_is_a_drawer():
    names = {
        path.stem
        for folder in ("domain", "application", "adapters", "entrypoints")
        for path in (ROOT / folder).rglob("*.py")
    }

    assert names.isdisjoint({"utils", "helpers", "common", "misc", "manager", "base"})


@pytest.mark.slow
def test_tests_of_a_group_run_in_one_process(tmp_path):
    """They share a server, and would each start their own without a word if pytest and xdist did not fit together."""
    names = [f"test_{number}" for number in range(6)]
    marked = [f"@pytest.mark.xdist_group('one')\ndef {name}(worker_id): seen.add(worker_id)" for name in names]
    last = "@pytest.mark.xdist_group('one')\ndef test_last(): assert len(seen) == 1, seen"
    spread = "@pytest.mark.parametrize('n', range(6))\ndef test_spread(n): pass"
    (tmp_path / "test_group.py").write_text("\n\n".join(["import pytest", "seen = set()", *marked, last, spread]))
    words = ["-n", "2", "--dist", "loadgroup", "-v", "-p", "no:cacheprovider", "--rootdir", tmp_path, tmp_path]

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", "/dev/null", *map(str, words)],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )

    processes = {line.split()[0] for line in done.stdout.splitlines() if "@one" in line and "PASSED" in line}
    assert done.returncode == 0, done.stdout
    assert len(processes) == 1
