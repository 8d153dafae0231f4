"""What can be seen of a running program from outside: metrics of all its workers, and its log."""

import os
import signal
import socket
import threading
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families as parse

from tests.entrypoints.serving.program import Program, ask, free_port, wait_until

pytestmark = pytest.mark.e2e

ROW = {"X": 0.2}


@pytest.fixture
def start(start):
    def begin(**settings) -> Program:
        port = settings.setdefault("metrics_port", free_port())
        program = start(**settings)
        program.metrics_port = port
        return program

    return begin


def scraped(program, path="/metrics"):
    """Return the value of each sample on the port of its own, by name and values of labels."""
    with urlopen(f"http://127.0.0.1:{program.metrics_port}{path}", timeout=10) as answer:
        families = list(parse(answer.read().decode()))
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def answered(program):
    """Return how many predictions are counted."""
    return scraped(program).get(("endeavour_requests_total", "/stream", "200"), 0)


def ask_many(program, times=40):
    """Ask over connections of their own, so that every worker is met."""
    for _ in range(times):
        assert program.ask("POST", "/stream", ROW)[0] == 200


def test_metrics_are_those_of_all_workers_on_either_port(ready):
    program = ready()

    ask_many(program)
    program.ask("POST", "/stream", {"X": "a"})
    wait_until(lambda: answered(program) == 40)
    # What the other worker has answered is there a moment later.
    wait_until(lambda: ("endeavour_refused_total", "wrong_type") in scraped(program))
    figures = scraped(program)
    of_worker = program.ask("GET", "/metrics")[2].decode()

    assert figures["endeavour_rows_total", "/stream"] == 40
    assert figures["endeavour_request_duration_seconds_count", "/stream"] == 41
    assert figures["endeavour_refused_total", "wrong_type"] == 1
    assert figures["endeavour_workers",] == 2
    assert figures["endeavour_requests_in_flight",] == 0
    assert figures["endeavour_model_info", "bundled", "bundled"] == 1
    assert not [key for key in figures if "registry" in key[0]]
    assert 'endeavour_requests_total{route="/stream",status="200"} 40.0' in of_worker


def test_counts_outlive_a_killed_worker_and_its_word_does_not(ready):
    program = ready()
    ask_many(program)
    wait_until(lambda: answered(program) == 40)

    before = program.workers()
    os.kill(before[0], signal.SIGKILL)
    wait_until(lambda: scraped(program)["endeavour_workers",] == 1)
    wait_until(lambda: set(program.workers()) - set(before) and scraped(program)["endeavour_workers",] == 2)
    ask_many(program, 10)

    wait_until(lambda: answered(program) == 50)


def test_last_requests_before_the_end_are_logged(ready):
    program = ready()

    with program.connection() as connection:
        told = [ask(connection, "POST", "/stream", ROW)[1]["x-request-id"] for _ in range(20)]
    code = program.end()

    assert code == 0
    logged = [line["request_id"] for line in program.logged("request") if line["route"] == "/stream"]
    assert sorted(logged) == sorted(told)


def test_line_of_a_request_has_what_is_known_of_it(ready):
    program = ready()

    program.ask("POST", "/batch", {"X": [1, 2]}, X_Request_Id="mine", traceparent=f"00-{'a' * 32}-{'b' * 16}-01")
    program.ask("POST", "/batch", {"X": "SENT"}, X_Request_Id="other")
    program.end()

    lines = {line["request_id"]: line for line in program.logged("request")}
    mine, other = lines["mine"], lines["other"]
    assert 0 < mine.pop("ms") < 10_000
    assert mine.pop("timestamp").endswith("Z")
    assert mine == {
        "event": "request",
        "level": "info",
        "request_id": "mine",
        "route": "/batch",
        "method": "POST",
        "path": "/batch",
        "status": 200,
        "rows": 2,
        "version": "bundled",
        "trace_id": "a" * 32,
    }
    assert (other["status"], other["code"], "rows" in other) == (400, "wrong_type", False)
    assert "SENT" not in program.err


def test_level_silences_the_line_but_not_the_count(ready):
    program = ready(log_level="WARNING")

    ask_many(program, 5)
    wait_until(lambda: answered(program) == 5)
    program.end()

    assert program.logged("request") == []


def test_nobody_reading_the_log_stops_no_prediction_and_no_end(start, tmp_path):
    port = free_port()
    os.mkfifo(tmp_path / f"err-{port}")
    reader = os.open(tmp_path / f"err-{port}", os.O_RDONLY | os.O_NONBLOCK)
    program = start(port=port)
    program.wait_until_ready()

    # Ten times what the pipe holds.
    threads = [threading.Thread(target=ask_many_on_one_connection, args=(program, 750)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    wait_until(lambda: answered(program) == 3000)
    code = program.end()

    assert not any(thread.is_alive() for thread in threads)
    assert code == 0
    os.close(reader)


def ask_many_on_one_connection(program, times):
    with program.connection() as connection:
        for _ in range(times):
            assert ask(connection, "POST", "/stream", ROW)[0] == 200


def test_port_of_metrics_answers_nothing_else(ready):
    program = ready()

    with pytest.raises(HTTPError) as refused, urlopen(f"http://127.0.0.1:{program.metrics_port}/stream", timeout=5):
        pass

    assert refused.value.code == 404
    assert refused.value.read() == b""


def test_silent_client_of_metrics_holds_up_no_other(ready):
    program = ready()

    with socket.create_connection(("127.0.0.1", program.metrics_port), timeout=5):
        assert scraped(program)


def test_taken_port_of_metrics_is_named(start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        program = start(metrics_port=taken.getsockname()[1])

        assert program.process.wait(15) == 2

    assert "set ENDEAVOUR_METRICS_PORT to another" in program.err


def test_port_of_metrics_is_free_again_when_the_program_has_ended(ready):
    program = ready()

    program.end()

    with socket.create_server(("127.0.0.1", program.metrics_port), reuse_port=False):
        pass


def test_registry_that_is_away_is_seen(ready):
    program = ready(
        store="mlflow", poll_seconds=0.2, environment={"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{free_port()}"}
    )

    wait_until(lambda: scraped(program).get(("endeavour_mirror_outcomes_total", "failed"), 0) >= 2)

    figures = scraped(program)
    assert figures["endeavour_registry_up",] == 0
    assert figures["endeavour_registry_state", "down"] == 1
    assert "endeavour_registry_age_seconds" not in {key[0] for key in figures}
    assert program.ask("GET", "/metrics")[2].count(b'endeavour_registry_state{state="down"} 1.0') == 1


def test_registry_that_answers_is_up_and_ages_from_its_last_word(ready, mlflow_server):
    program = ready(store="mlflow", poll_seconds=0.2, environment={"MLFLOW_TRACKING_URI": mlflow_server.uri})

    wait_until(lambda: scraped(program).get(("endeavour_registry_state", "bad"), 0) == 1)
    figures = scraped(program)

    # It answers, and that there is nothing in production.
    assert figures["endeavour_registry_up",] == 1
    assert 0 <= figures["endeavour_registry_age_seconds",] < 10


def test_killed_mirror_is_counted(ready):
    uri = f"http://127.0.0.1:{free_port()}"
    program = ready(store="mlflow", environment={"MLFLOW_TRACKING_URI": uri})

    os.kill(program.mirrors()[0], signal.SIGKILL)

    wait_until(lambda: scraped(program).get(("endeavour_mirror_outcomes_total", "died"), 0) == 1)
