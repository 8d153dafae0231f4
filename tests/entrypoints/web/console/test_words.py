"""Numerals and charts of the console by the examples of their docstrings."""

import doctest
from importlib import import_module
from pkgutil import iter_modules

from entrypoints.web import console
from entrypoints.web.console import charts


def test_examples_of_the_console_hold():
    packages = (console, charts)
    names = [f"{package.__name__}.{module.name}" for package in packages for module in iter_modules(package.__path__)]

    results = {name: doctest.testmod(import_module(name)) for name in names}

    assert {name: result.failed for name, result in results.items() if result.failed} == {}
    assert sum(result.attempted for result in results.values()) >= 8
