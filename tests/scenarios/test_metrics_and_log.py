"""Metrics and log of the serving program."""

import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families as parse

from tests.entrypoints.observability.test_log_writer import fill
from tests.support.program import ask, free_port, log_lines, wait_until

pytestmark = pytest.mark.e2e

ROW = {"X": 0.2}


def metrics(program):
    """Return the value of each sample by name and values of labels, from one of the workers."""
    status, _, text = program.ask("GET", "/metrics")
    assert status == 200
    return {(one.name, *one.labels.values()): one.value for family in parse(text.decode()) for one in family.samples}


def predictions(program):
    """Return the number of counted predictions."""
    return metrics(program).get(("endeavour_http_requests_total", "/stream", "200"), 0)


def predict(program, times=40):
    """Send each request on a connection of its own, so that every worker is reached."""
    for _ in range(times):
        assert program.ask("POST", "/stream", ROW)[0] == 200


def test_p01_killed_worker_is_replaced_and_counted_in_the_metrics_on_either_port(ready):
    port = free_port()
    program = ready(metrics_address=f"127.0.0.1:{port}")
    predict(program)
    wait_until(lambda: predictions(program) == 40)
    assert metrics(program)["endeavour_workers",] == 2

    first, second = program.workers()
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: len({line["pid"] for line in program.logged("serving")}) == 3)
    assert second in program.workers()
    predict(program, 10)

    wait_until(lambda: predictions(program) == 50)
    # The killed one is counted until `MAX_SILENT_SECONDS`.
    wait_until(lambda: metrics(program)["endeavour_workers",] == 2)
    found = metrics(program)
    assert found["endeavour_model_info", "bundled", "bundled"] == 1
    assert [key[2] for key in found if key[0] == "endeavour_build_info"] == [version("endeavour")]
    assert not [key for key in found if "registry" in key[0]]
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        assert b'endeavour_predictions_total{route="/stream"} 50.0' in answer.read()
    program.end()
    with socket.create_server(("127.0.0.1", port), reuse_port=False):
        pass


def test_last_requests_before_the_end_and_unknown_settings_are_logged(ready):
    program = ready(tls_cert="cert.pem")

    with program.connection() as connection:
        answers = [ask(connection, "POST", "/stream", ROW) for _ in range(20)]
        ask(connection, "POST", "/batch", {"X": "SENT"})
    code = program.end()

    assert code == 0
    assert {line["request_id"] for line in program.logged("request")} >= {
        headers["x-request-id"] for _, headers, _ in answers
    }
    assert "SENT" not in program.err
    first, second, *_ = log_lines(program.err)
    assert (first["event"], first["version"]) == ("server_starting", version("endeavour"))
    assert (second["event"], second["variable"]) == ("unknown_setting", "ENDEAVOUR_TLS_CERT")


def test_p04_log_that_is_not_read_stops_no_prediction_and_no_end(start, tmp_path):
    port = free_port()
    os.mkfifo(tmp_path / f"err-{port}")
    reader = os.open(tmp_path / f"err-{port}", os.O_RDONLY | os.O_NONBLOCK)
    program = start(port=port)
    program.wait_until_ready()

    # Three times what the pipe holds.
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(predict_on_one_connection, [program] * 4))
    wait_until(lambda: predictions(program) == 900)
    # The rest of the pipe too, so that the parent process cannot write that a worker has ended.
    fill(writer := os.open(tmp_path / f"err-{port}", os.O_WRONLY | os.O_NONBLOCK))
    os.close(writer)
    before = program.workers()
    os.kill(before[0], signal.SIGKILL)
    wait_until(lambda: len(program.workers()) == 2 and before[0] not in program.workers())

    assert program.end() == 0
    os.close(reader)


def predict_on_one_connection(program, times=225):
    with program.connection() as connection:
        for _ in range(times):
            assert ask(connection, "POST", "/stream", ROW)[0] == 200


def test_unreachable_registry_and_killed_sync_process_are_measured(ready):
    uri = f"http://127.0.0.1:{free_port()}"
    program = ready(store="mlflow", registry_poll_seconds=0.2, environment={"MLFLOW_TRACKING_URI": uri})

    wait_until(lambda: metrics(program).get(("endeavour_registry_sync_total", "failed"), 0) >= 1)
    os.kill(program.registry_syncs()[0], signal.SIGKILL)
    wait_until(lambda: metrics(program).get(("endeavour_registry_sync_total", "died"), 0) == 1)

    found = metrics(program)
    assert found["endeavour_registry_up",] == 0
    assert found["endeavour_registry_state", "unreachable"] == 1
    assert "endeavour_registry_last_contact_age_seconds" not in {key[0] for key in found}
