"""The board in shared memory: what one process posts another reads, whole, whatever happens to the one that posts."""

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest

from adapters.shared_memory import memory_file as memory
from adapters.shared_memory.board import HEADER, SharedBoard
from adapters.shared_memory.memory_file import memory_file
from domain.errors import StoreUnavailable
from domain.golden_rows import GoldenRows
from domain.mirror_report import RegistryState
from domain.model_version import ModelVersion
from tests.contracts.mirror_board import REPORT, MirrorBoardContract
from tests.examples import a_lineage, a_model, a_version


@pytest.fixture
def path():
    with memory_file() as path:
        yield path


class TestSharedBoard(MirrorBoardContract):
    @pytest.fixture
    def board(self, path):
        return SharedBoard(path)

    @pytest.fixture
    def reader(self, path):
        return SharedBoard(path)


READER = """
import sys
from adapters.shared_memory.board import SharedBoard
report = SharedBoard(sys.argv[1]).latest()
print(report.champion.name, report.state, report.champion.model.intercept)
"""


def test_report_reaches_another_process(path):
    SharedBoard(path).post(REPORT)

    printed = subprocess.run([sys.executable, "-c", READER, path], capture_output=True, check=True, text=True).stdout

    assert printed.split() == ["7", "ok", repr(a_model().intercept)]


def test_file_is_gone_with_its_process():
    with memory_file() as path:
        SharedBoard(path).post(REPORT)

    with pytest.raises(OSError, match="No such"):
        SharedBoard(path).latest()


def test_where_there_is_no_memory_file_a_temporary_one_serves(monkeypatch):
    monkeypatch.delattr(memory.os, "memfd_create")

    with memory_file() as path:
        SharedBoard(path).post(REPORT)
        assert SharedBoard(path).latest() == REPORT

    assert not os.path.exists(path)  # noqa: PTH110  # it is a text here


class Killed(BaseException):
    """What ends a writer in the middle; no handler of errors is meant to see it."""


def killing_after(steps):
    """Return an `os.pwrite` that writes half of a body at a time, and ends the writer at a step."""
    real, taken = os.pwrite, []

    def write(descriptor, data, offset):
        if len(taken) == steps:
            raise Killed
        taken.append(offset)
        return real(descriptor, data[: (len(data) + 1) // 2] if offset else data, offset)

    return write


def test_writer_killed_at_any_step_leaves_the_old_report_whole(path, monkeypatch):
    new = replace(REPORT, champion=a_version("8", slope=8.0))
    for steps in range(100):
        SharedBoard(path).post(REPORT)
        with monkeypatch.context() as patch:
            patch.setattr(os, "pwrite", killing_after(steps))
            try:
                SharedBoard(path).post(new)
            except Killed:
                assert SharedBoard(path).latest() == REPORT
            else:
                assert SharedBoard(path).latest() == new
                assert steps > 5
                return
    pytest.fail("no writer came to its end")


def test_half_a_header_is_no_report_and_the_reader_keeps_what_it_has(path):
    board, reader = SharedBoard(path), SharedBoard(path)
    board.post(REPORT)
    assert reader.latest() == REPORT
    descriptor = os.open(path, os.O_RDWR)
    os.pwrite(descriptor, HEADER.pack(4096, 10, b"x" * 32), 0)
    os.close(descriptor)

    assert reader.latest() == REPORT
    assert SharedBoard(path).latest() is None


def test_readers_never_see_half_a_report(path):
    """The name tells the slope, so that a mixture would show."""
    board, reader, stop = SharedBoard(path), SharedBoard(path), threading.Event()
    board.post(replace(REPORT, champion=a_version("1", slope=1.0)))

    def write():
        for number in range(2, 1_000_000):
            if stop.is_set():
                return
            board.post(replace(REPORT, champion=a_version(str(number), slope=float(number))))

    writer = threading.Thread(target=write)
    writer.start()
    seen, end = {}, time.monotonic() + 20
    try:
        while len(seen) < 50 and time.monotonic() < end:
            champion = reader.latest().champion
            seen[champion.name] = champion.model.coefficients[0]
    finally:
        stop.set()
        writer.join()

    assert len(seen) == 50
    assert all(float(name) == slope for name, slope in seen.items())


def test_c12_champion_that_predicts_otherwise_in_this_process_is_left_out(path):
    wrong = ModelVersion("8", a_model(), a_lineage(), GoldenRows([[1.0]], [7.0]))
    SharedBoard(path).post(replace(REPORT, champion=wrong))

    report = SharedBoard(path).latest()

    assert (report.champion, report.state) == (None, RegistryState.BAD)
    assert "golden row 0 of 1" in report.reason


def test_memory_that_cannot_be_written_is_reported():
    board = SharedBoard("/proc/self/fd/none")

    with pytest.raises(StoreUnavailable):
        board.post(REPORT)
