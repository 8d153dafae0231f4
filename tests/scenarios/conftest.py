"""The program as a process of its own, with the settings of a test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.program import Program

Start = Callable[..., Program]


@pytest.fixture
def artifacts(tmp_path: Path) -> Path:
    return tmp_path / "artifacts"


@pytest.fixture
def start(artifacts: Path) -> Iterator[Start]:
    """A function that starts the program, which ends with the test; `artifacts` are its own unless given."""
    started: list[Program] = []

    def begin(**settings: object) -> Program:
        started.append(Program(settings.pop("artifacts", artifacts), **settings))
        return started[-1]

    yield begin
    for program in started:
        program.clean_up()


@pytest.fixture
def ready(start: Start) -> Start:
    """A function that starts the program and returns when it has printed `lines` lines, which are in `output`."""

    def begin(lines: int = 3, **settings: object) -> Program:
        program = start(**settings)
        assert b"serving on" in program.wait_until_ready(lines)[0], program.err
        return program

    return begin
