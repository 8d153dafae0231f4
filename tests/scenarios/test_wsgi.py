"""The application under gunicorn, another WSGI server."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime

import orjson
import pytest

from adapters.files.csv_weights import CsvWeights
from adapters.files.model_store import FileModelStore
from domain.model.model_version import ModelVersion
from tests.support.examples import a_lineage, a_model
from tests.support.program import INHERITED, free_port, requested, wait_until

pytestmark = pytest.mark.e2e


@pytest.fixture
def gunicorn(tmp_path):
    """A function that starts gunicorn with two workers, and returns its process and port."""
    started = []

    def start(**environment):
        port = free_port()
        words = ["--workers", "2", "--threads", "4", "--bind", f"127.0.0.1:{port}", "--no-control-socket"]
        with (tmp_path / "log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", *words, "entrypoints.wsgi:create_app()"],
                env={**INHERITED, "ENDEAVOUR_DATA_DIR": str(tmp_path / "artifacts"), **environment},
                stderr=log,
                start_new_session=True,
            )
        started.append(process)
        return process, port

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def served(port):
    """Return the versions and results that either worker answers with; none while gunicorn starts."""
    try:
        answers = [requested(port, "POST", "/stream", {"X": 0.2}) for _ in range(20)]
    except ConnectionRefusedError:
        return set()
    return {(headers["x-model-version"], orjson.loads(body)["result"]) for _, headers, body in answers}


def test_gunicorn_serves_predictions_and_follows_promotions(gunicorn, tmp_path):
    store = FileModelStore(tmp_path / "artifacts" / "weights", CsvWeights())
    first, second = (store.save(ModelVersion("", a_model(slope), a_lineage())).name for slope in (1.0, 2.0))
    expected = {name: float(store.load(name).model.predict([[0.2]])[0]) for name in (first, second)}
    store.promote(first, replacing=None, at=datetime.now(UTC))
    process, port = gunicorn(ENDEAVOUR_STORE="csv", ENDEAVOUR_ADVERTISED_ADDRESS="127.0.0.1")
    wait_until(lambda: served(port) == {(first, expected[first])})

    store.promote(second, replacing=first, at=datetime.now(UTC))

    wait_until(lambda: served(port) == {(second, expected[second])})
    process.terminate()
    assert process.wait(15) == 0


def test_gunicorn_does_not_serve_an_unnamed_address_without_a_key(gunicorn, tmp_path):
    process, _ = gunicorn(ENDEAVOUR_STORE="csv")

    assert process.wait(15) != 0
    assert "endeavour keys add" in (tmp_path / "log").read_text()
