"""Examples in the docstrings of all packages."""

import doctest
from importlib import import_module

from tests.test_project import LAYERS, ROOT


def test_examples_of_docstrings_hold():
    paths = [path.relative_to(ROOT) for layer in sorted(LAYERS) for path in (ROOT / layer).rglob("*.py")]
    names = [".".join(path.with_suffix("").parts) for path in paths if ">>> " in (ROOT / path).read_text("utf-8")]

    results = {name: doctest.testmod(import_module(name)) for name in names}

    assert {name: result.failed for name, result in results.items() if result.failed} == {}
    assert sum(result.attempted for result in results.values()) >= 50
