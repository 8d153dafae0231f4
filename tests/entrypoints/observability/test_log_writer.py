import contextlib
import json
import os
import time

import pytest

from entrypoints.observability import log_writer as lines
from entrypoints.observability.log_writer import MAX_WRITE_BYTES, NonBlockingLogWriter
from tests.support.program import wait_until


@pytest.fixture
def pipe():
    read, write = os.pipe()
    yield read, write
    # The other end stays open: a thread that still writes must not find another test's file under its number.
    os.close(read)


def read_until(descriptor, end):
    data = b""
    while not data.endswith(end):
        data += os.read(descriptor, 1 << 20)
    return data


def fill(descriptor):
    """Make the pipe so full that the next write waits."""
    os.set_blocking(descriptor, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(descriptor, b"\n" * MAX_WRITE_BYTES)
    os.set_blocking(descriptor, True)


def test_lines_arrive_whole_and_in_order(pipe):
    out = NonBlockingLogWriter(pipe[1])
    long = "x" * 200_000

    out.add_all(b"%d\n" % number for number in range(1000))
    out.write(f"{long}\n")
    out.write("end\n")

    assert read_until(pipe[0], b"end\n").decode().splitlines() == [*map(str, range(1000)), long, "end"]


def test_no_writer_waits_for_a_reader_and_what_is_too_much_is_dropped_counted_and_reported(pipe, monkeypatch):
    monkeypatch.setattr(lines, "MAX_QUEUED_BYTES", 1000)
    fill(pipe[1])
    out = NonBlockingLogWriter(pipe[1])

    began = time.monotonic()
    for number in range(200):
        out.write(f"{number:099d}\n")
    took, dropped = time.monotonic() - began, out.dropped
    os.read(pipe[0], 1 << 20)
    out.wait_until_written(5)
    out.write("end\n")
    found = read_until(pipe[0], b"end\n").splitlines()

    assert took < 1
    assert dropped == 190
    reports = [json.loads(line) for line in found if b"log_lines_dropped" in line]
    assert sum(report["number"] for report in reports) == dropped


def test_lines_of_two_processes_do_not_mix(pipe):
    line = "".join(chr(97 + place % 26) for place in range(300))

    def write_many():
        out = NonBlockingLogWriter(pipe[1])
        for _ in range(60):
            out.add_all([f"{line}\n".encode()] * 40)
        out.wait_until_written(20)
        os._exit(0)

    children = []
    for _ in range(2):
        if not (child := os.fork()):
            write_many()
        children.append(child)
    text = b""
    while text.count(b"\n") < 2 * 60 * 40:
        text += os.read(pipe[0], 1 << 16)
    for child in children:
        os.waitpid(child, 0)

    assert set(text.decode().splitlines()) == {line}


def test_descriptor_that_refuses_instead_of_waiting_is_tried_again(pipe):
    fill(pipe[1])
    os.set_blocking(pipe[1], False)
    out = NonBlockingLogWriter(pipe[1])

    out.write("late\n")
    time.sleep(2 * lines.RETRY_SECONDS)

    assert read_until(pipe[0], b"late\n")


def test_descriptor_that_cannot_be_written_to_costs_lines_and_nothing_else():
    read, write = os.pipe()
    os.close(read)
    out = NonBlockingLogWriter(write)

    out.write("a\nb\n")
    wait_until(lambda: out.dropped == 2)
    out.write("c\n")
    wait_until(lambda: out.dropped == 3)
    os.close(write)
