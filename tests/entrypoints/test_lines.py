import contextlib
import json
import os
import threading
import time
from functools import partial
from pathlib import Path

import pytest

from entrypoints import lines
from entrypoints.lines import WHOLE, Lines
from tests.entrypoints.serving.program import wait_until
from tests.work import TIMES, grows_in_proportion


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
            os.write(descriptor, b"\n" * WHOLE)
    os.set_blocking(descriptor, True)


def test_lines_arrive_in_order(pipe):
    out = Lines(pipe[1])
    expected = b"".join(b"%d\n" % number for number in range(1000))

    for number in range(1000):
        out.write(f"{number}\n")
    out.drain()

    assert read_until(pipe[0], b"999\n") == expected


def test_no_writer_waits_for_a_reader(pipe):
    fill(pipe[1])
    out = Lines(pipe[1])

    began = time.monotonic()
    for _ in range(1000):
        out.write("x" * 100 + "\n")
    out.flush()

    assert time.monotonic() - began < 1
    assert out.dropped == 0
    os.read(pipe[0], 1 << 20)
    assert read_until(pipe[0], b"x\n").count(b"x\n") > 0


def test_what_is_too_much_is_dropped_counted_and_told(pipe, monkeypatch):
    monkeypatch.setattr(lines, "MOST_WAITING", 1000)
    fill(pipe[1])
    out = Lines(pipe[1])

    for number in range(200):
        out.write(f"{number:099d}\n")
    dropped = out.dropped
    read = threading.Thread(target=lambda: told.append(read_until(pipe[0], b"end\n")), daemon=True)
    told: list[bytes] = []
    read.start()
    out.drain(5)
    out.write("end\n")
    read.join(5)

    assert dropped >= 180
    words = [json.loads(line) for line in told[0].split(b"\n") if b"log_lines_dropped" in line]
    assert sum(word["number"] for word in words) == dropped
    assert told[0].count(b"\n0") == 200 - dropped


def test_lines_of_two_processes_do_not_mix(pipe):
    line = "".join(chr(97 + place % 26) for place in range(300))

    def write_many():
        out = Lines(pipe[1])
        for _ in range(60):
            out.add(f"{line}\n".encode() * 40)
        out.drain(20)
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


def test_line_longer_than_a_pipe_holds_arrives_whole(pipe):
    out = Lines(pipe[1])

    out.write("x" * 200_000 + "\n" + "y\n")

    assert read_until(pipe[0], b"y\n") == b"x" * 200_000 + b"\ny\n"


def test_place_that_refuses_instead_of_waiting_is_asked_again(pipe):
    fill(pipe[1])
    os.set_blocking(pipe[1], False)
    out = Lines(pipe[1])

    out.write("late\n")
    time.sleep(2 * lines.PAUSE)

    assert read_until(pipe[0], b"late\n")


def test_place_that_cannot_be_written_to_costs_lines_and_nothing_else():
    read, write = os.pipe()
    os.close(read)
    out = Lines(write)

    out.write("a\nb\n")
    wait_until(lambda: out.dropped == 2)
    out.write("c\n")
    wait_until(lambda: out.dropped >= 3)
    os.close(write)


def test_work_grows_in_proportion_to_the_lines_even_if_they_are_long():
    with Path(os.devnull).open("wb") as nowhere:
        out = Lines(nowhere.fileno())
        line = b"x" * 2 * WHOLE + b"\n"

        assert grows_in_proportion(*(partial(out._written, line * count) for count in (100, TIMES * 100)))
