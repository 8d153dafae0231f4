import inspect
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module

import domain
from domain import errors
from domain.errors import EndeavourError
from tests.support.pieces import traveled


def tree(error: type, depth: int = 1) -> list[tuple[int, str]]:
    """Return the names of `error` and of the domain's errors below it, with their depths."""
    below = [kind for kind in error.__subclasses__() if kind.__module__.startswith("domain.")]
    return [(depth, error.__name__), *(line for kind in below for line in tree(kind, depth + 1))]


def import_all() -> None:
    for module in pkgutil.walk_packages(domain.__path__, "domain."):
        import_module(module.name)


# Arguments of errors, by their annotations.
ARGUMENTS = {
    str: "a",
    str | None: None,
    int: 3,
    float: 0.5,
    object: 0.5,
    Sequence[str]: ("a", "b"),
    Sequence[int]: (1, 2),
    Mapping[str, str]: {"a": "b"},
}


def examples(error: type) -> Iterator[EndeavourError]:
    """Yield an error of each class of the domain from `error` on."""
    parameters = inspect.signature(error.__init__).parameters.values()
    known = [ARGUMENTS[one.annotation] for one in parameters if one.annotation in ARGUMENTS]
    has_message = any(one.kind is one.VAR_POSITIONAL for one in parameters)
    yield error(*known, *["why"] * has_message)
    for kind in error.__subclasses__():
        if kind.__module__.startswith("domain."):
            yield from examples(kind)


def test_errors_travel_to_another_process_with_their_attributes():
    import_all()

    for error in examples(EndeavourError):
        arrived = traveled(error)

        assert (type(arrived), str(arrived), vars(arrived)) == (type(error), str(error), vars(error))


def test_docstring_prints_the_tree_of_errors():
    import_all()

    printed = [line for line in (errors.__doc__ or "").splitlines() if line.startswith("    ")]

    assert sorted(((len(line) - len(line.lstrip())) // 4, line.strip()) for line in printed) == sorted(
        tree(EndeavourError)
    )
