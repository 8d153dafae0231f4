import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from adapters.mlflow.remedies import first_line
from domain.access.redaction import Redaction
from domain.errors import StoreUnavailable
from domain.model.errors import ModelNotFound
from domain.model.model_version import ModelVersion
from domain.promotion.errors import NoPreviousVersion
from domain.promotion.history import PromotionHistory
from tests.support.examples import NOON, a_lineage, a_model
from tests.support.mlflow.servers import answering, dripping
from tests.support.mlflow_server import environment

PATIENCE = 0.4


def test_database_is_made_under_its_decoded_name_when_it_is_first_written_to(connect, open_store, tmp_path):
    uri = f"sqlite:///{tmp_path}/not%20there/yet/mlflow.db"
    store = open_store(uri)

    found = store.versions(), store.champion(), store.champion_ref(), store.history()
    assert found == ((), None, None, PromotionHistory())
    with pytest.raises(ModelNotFound):
        store.load("1")
    with pytest.raises(NoPreviousVersion):
        store.rollback(at=NOON)
    assert list(tmp_path.iterdir()) == []

    with connect(uri).client(StoreUnavailable):
        assert (tmp_path / "not there/yet/mlflow.db").exists()


def test_tables_that_a_full_disk_left_unfinished_are_named_with_what_to_do(open_store, tmp_path):
    with closing(sqlite3.connect(tmp_path / "unfinished.db")) as database:
        database.execute("CREATE TABLE spans (trace_id)")

    with pytest.raises(StoreUnavailable, match="were left unfinished") as caught:
        open_store(f"sqlite:///{tmp_path}/unfinished.db").versions()

    assert "remove mlflow.db" in caught.value.remedy


@pytest.mark.parametrize(("first", "drop"), [(b"", b""), (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b" ")])
def test_server_that_never_answers_costs_no_more_than_the_patience(open_store, first, drop):
    with dripping(first, drop) as uri:
        started = time.monotonic()
        with pytest.raises(StoreUnavailable, match="no answer within"):
            open_store(uri, patience=PATIENCE).save(ModelVersion("", a_model(), a_lineage()))

        assert time.monotonic() - started < 2 * PATIENCE


@pytest.mark.integration
def test_answer_that_is_late_is_named_with_the_time_it_had(open_store):
    def answer(handler):
        time.sleep(0 if handler.path == "/health" else 1.5)
        handler.reply(200, b"")

    with answering(answer) as uri, pytest.raises(StoreUnavailable, match="available: no complete answer within 1 s"):
        open_store(uri, timeout=1).versions()


@pytest.mark.parametrize("uri", ["postgresql+psycopg://u:s3cret@127.0.0.1:1/mlflow", "nonsense://x"])
def test_unreachable_database_is_unavailable_within_seconds_and_leaves_no_file(open_store, uri, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    started = time.monotonic()
    with pytest.raises(StoreUnavailable) as caught:
        open_store(uri, patience=PATIENCE).versions()

    assert time.monotonic() - started < 5
    assert "s3cret" not in str(caught.value)
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_size] == []


def test_file_that_is_no_database_is_unavailable(open_store, tmp_path):
    (tmp_path / "notes.db").write_text("not a database, but long enough to look like something" * 100)

    with pytest.raises(StoreUnavailable, match="not a database"):
        open_store(f"sqlite:///{tmp_path}/notes.db").versions()


@pytest.mark.slow
def test_nothing_of_mlflow_reaches_the_terminal(tmp_path):
    """Also where the root logger shows everything, and the database is made from nothing."""
    program = """
import logging, sys, warnings
from pathlib import Path
logging.basicConfig(level=logging.DEBUG, handlers=[logging.StreamHandler()])
for noisy in ("urllib3", "matplotlib", "asyncio", "git"):
    logging.getLogger(noisy).setLevel(logging.WARNING)
from adapters.mlflow.connection import MlflowConnection
from adapters.mlflow.store import MlflowModelStore
from adapters.mlflow.tracker import MlflowTracker
from domain.model.model_version import ModelVersion
from tests.support.examples import a_lineage, a_training
connection = MlflowConnection(sys.argv[1], artifacts=Path("artifacts"))
store = MlflowModelStore(connection, lock=Path("lock"))
with MlflowTracker(connection).run({}) as run:
    training = a_training()
    run.record(training, {})
    print(store.load(store.save(ModelVersion("", training.fit.model, a_lineage(run_id=run.id))).name).name)
"""
    repository = str(Path(__file__).parents[3])

    finished = subprocess.run(
        [sys.executable, "-c", program, f"sqlite:///{tmp_path}/mlflow.db"],
        cwd=tmp_path, env=environment() | {"PYTHONPATH": repository}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (finished.stdout, finished.stderr, finished.returncode) == ("1\n", "", 0)


def test_error_is_one_line_of_bounded_length():
    assert first_line(ValueError("\n first \n second"), Redaction()) == "first"
    assert first_line(KeyError(), Redaction()) == "KeyError"
    assert len(first_line(ValueError("x" * 10_000), Redaction())) < 400
