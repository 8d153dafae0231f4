"""The benchmark of the server runs, and says what it is asked to say; how fast anything is, a test does not judge."""

import contextlib
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

import orjson
import pytest

from benchmarks.learning.findings import Bar, Finding, Unit
from benchmarks.serving import questions
from benchmarks.serving.beside_others import Beside
from benchmarks.serving.client import NotAnswered, ask_once, load
from benchmarks.serving.contenders import NEVER
from benchmarks.serving.contest import Turns
from benchmarks.serving.measurements import Measurements
from benchmarks.serving.page import part, servers_table
from benchmarks.serving.scale import FULL
from benchmarks.serving.section import BEGIN, END, kept, replaced
from benchmarks.serving.virtual_environments import MLSERVER, SERVING, NotInstalled, VirtualEnvironment

ROOT = Path(__file__).parents[2]
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"
SERVERS = ("Endeavour", "bare Flask view", "mlflow models serve", "a socket that answers at once")


@pytest.fixture
def answering():
    """A function that starts a server of one answer, given in pieces, and returns its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def start(*pieces):
        def talk(connection):
            with connection, contextlib.suppress(ConnectionError):
                while connection.recv(65536):
                    for piece in pieces:
                        connection.sendall(piece)
                    if not pieces:
                        return

        def accept():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=talk, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return listener.getsockname()[1]

    yield start
    listener.close()


@pytest.mark.parametrize("cut", [1, 16, 30, 40, len(ANSWER) - 1])
def test_client_puts_an_answer_together_from_its_pieces(answering, cut):
    port = answering(ANSWER[:cut], ANSWER[cut:])

    assert ask_once(port, questions.post("/", b"{}")) == b"hello"


def test_client_counts_whole_answers(answering):
    told = load(answering(ANSWER), b"x", connections=3, warm_up=0.05, seconds=0.1)

    assert 0 < told["counted"] < told["altogether"]
    assert told["seconds"] >= 0.1


@pytest.mark.parametrize(
    "pieces", [(), (b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n",), (b"HTTP/1.1 200 OK\r\n\r\n",)]
)
def test_client_takes_nothing_but_good_answers(answering, pieces):
    port = answering(*pieces)

    with pytest.raises(NotAnswered):
        load(port, b"x", connections=1, warm_up=0, seconds=5)


@pytest.mark.parametrize(
    "answer",
    [
        {"result": 1.5},
        {"result": [1.5]},
        {"predictions": [1.5]},
        {"outputs": [{"name": "result", "data": [1.5]}]},
    ],
)
def test_predictions_are_found_in_an_answer_of_any_protocol(answer):
    assert questions.results(orjson.dumps(answer)) == [1.5]


def test_part_of_the_page_is_replaced_and_the_rest_left_alone():
    first = replaced("# Title\n\nThe learner.\n", "## The server\n\nOld.")
    second = replaced(first, "## The server\n\nNew.")

    assert first == f"# Title\n\nThe learner.\n\n{BEGIN}\n\n## The server\n\nOld.\n\n{END}\n"
    assert second == first.replace("Old.", "New.")
    # The learner's benchmark writes its own part and puts this one behind it.
    assert "# Other\n" + kept(second) == replaced("# Other\n", "## The server\n\nNew.")
    assert kept("# Title\n") == ""


def test_part_has_one_sentence_a_line_and_no_gap():
    turns = {"Endeavour": Turns([9.0], [1e-4]), "MLServer": Turns([1.0], [9e-4])}
    found = Measurements(
        [Finding("work", "measure", 2.0, Bar(most=1.0), Unit.SECONDS)],
        [Beside(features, turns, turns, {"Endeavour": 90.0, "MLServer": 99.0}) for features in (1, 10)],
    )

    text = part(found, {"cores": "2"}, FULL)

    assert re.search(r"^\| work \| measure \| ≤ 1 s \| 2 s +\| missed \|", text, re.MULTILINE)
    assert re.search(r"^\| MLServer +\| 1 +\| 0.111 +\| 900 µs +\| 9 ", text, re.MULTILINE)
    assert not re.search(r"[{}]|nan", text)
    assert not re.search(r"[.!?] [A-Z]", re.sub(r"^\|.*$", "", text, flags=re.MULTILINE))


def test_servers_are_listed_with_the_quickest_first():
    rates = {"Endeavour": Turns([1.0], [1.0]), "other": Turns([3.0, 2.0, 9.0], [1.0])}

    lines = servers_table(rates, dict.fromkeys(rates, 1.0)).splitlines()

    assert [line.split("|")[1].strip() for line in lines[2:]] == ["other", "Endeavour"]


@pytest.mark.slow
def test_server_that_cannot_be_installed_is_said_to_be_so(tmp_path):
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"{tmp_path}/no-such-package\n")

    with pytest.raises(NotInstalled, match="no-such-package"):
        _ = VirtualEnvironment(tmp_path / "venv", requirements).python


def test_versions_of_the_servers_are_read_from_their_locks():
    assert MLSERVER.pinned("mlserver")
    assert SERVING.pinned("granian")


@pytest.mark.slow
def test_quick_run_measures_everything_but_mlserver():
    program = [sys.executable, "-m", "benchmarks.serving", "--quick", "--without-mlserver"]

    run = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True, encoding="utf-8")

    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in run.stdout.splitlines() if "|" in line]
    measured = {(row[0], row[1]): row[3] for row in cells if len(row) == 6}
    works = {work for work, _ in measured}
    assert works >= {f"one record, {size}, /stream" for size in ("one feature", "10 features")}
    assert works >= {f"100 rows, {size}, /batch" for size in ("one feature", "10 features")}
    assert works >= {"starting a worker"}
    assert sum(work.startswith("JSON, 2,000 rows") for work in works) == 4
    assert measured["the server", f"imports of {', '.join(NEVER)}"] == "0"
    assert {row[0] for row in cells} >= set(SERVERS)
    assert re.search(r"MLServer +\| not measured: it was not asked for", run.stdout)
