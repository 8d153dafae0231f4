import pkgutil
from importlib import import_module

import domain
from domain import errors
from domain.errors import EndeavourError


def tree(error: type, depth: int = 1) -> list[tuple[int, str]]:
    """Return the names of `error` and of the domain's errors below it, with their depths."""
    below = [kind for kind in error.__subclasses__() if kind.__module__.startswith("domain.")]
    return [(depth, error.__name__), *(line for kind in below for line in tree(kind, depth + 1))]


def test_docstring_prints_the_tree_of_errors():
    for module in pkgutil.walk_packages(domain.__path__, "domain."):
        import_module(module.name)

    printed = [line for line in (errors.__doc__ or "").splitlines() if line.startswith("    ")]

    assert sorted(((len(line) - len(line.lstrip())) // 4, line.strip()) for line in printed) == sorted(
        tree(EndeavourError)
    )
