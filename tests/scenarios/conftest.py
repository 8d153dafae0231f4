"""The program as a process of its own, for tests that say with which settings it begins."""

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
    """A function that starts the program; what it started ends with the test."""
    started: list[Program] = []

    def begin(**settings: object) -> Program:
        started.append(Program(artifacts, **settings))
        return started[-1]

    yield begin
    for program in started:
        program.clean_up()


@pytest.fixture
def ready(start: Start) -> Start:
    """A function that starts the program and returns when it answers; `said` is what it said then."""

    def begin(**settings: object) -> Program:
        program = start(**settings)
        program.said = program.wait_until_ready()
        assert b"serving on" in program.said[0], program.err
        return program

    return begin
