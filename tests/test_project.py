"""Rules of the project as a whole: packages, modules, locks."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
LAYERS = {"domain", "application", "adapters", "entrypoints"}
LOCKS = [*sorted((ROOT / "requirements").glob("*.txt")), *sorted((ROOT / "benchmarks").glob("*/requirements-*.txt"))]


def test_packages_at_the_top_are_the_architecture_and_each_describes_what_belongs_there():
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} == LAYERS | {"tests"}
    for package in (path for folder in LAYERS for path in (ROOT / folder).rglob("__init__.py")):
        assert package.read_text(encoding="utf-8").startswith('"""'), package


def test_no_module_is_a_drawer():
    names = {path.stem for folder in LAYERS for path in (ROOT / folder).rglob("*.py")}

    assert names.isdisjoint({"utils", "helpers", "common", "misc", "manager", "base"})


def test_requirements_are_locked_with_hashes_and_no_address_and_smaller_locks_are_parts_of_larger_ones():
    pins = {}
    for lock in LOCKS:
        text = lock.read_text(encoding="utf-8")
        pins[lock.stem] = set(re.findall(r"^[^\s#]+==[^\s\\]+", text, re.MULTILINE))

        assert pins[lock.stem]
        assert text.count("--hash=sha256:") >= len(pins[lock.stem])
        assert not re.search(r"https?:|file:|--(extra-)?index|--find-links|/opt/|/root/|/home/", text), lock

    assert pins["serve"] <= pins["train"] <= pins["test"]


def test_tracking_server_is_the_version_that_clients_are():
    texts = [(ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8") for lock in ("mlflow", "train")]

    assert len({re.search(r"^mlflow==(\S+)", text, re.MULTILINE)[1] for text in texts}) == 1
