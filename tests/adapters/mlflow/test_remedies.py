"""Remedies: errors of states that last until an operator acts name one, and outages name none."""

import sqlite3
from contextlib import closing

import pytest

from adapters.mlflow.tracker import MlflowTracker
from domain.delivery.errors import InvalidRegistryResponse
from domain.errors import StoreUnavailable, TrackerUnavailable
from domain.model.errors import CorruptModel
from domain.model.model_version import ModelVersion
from tests.support.examples import NOON, a_lineage, a_model
from tests.support.fault_proxy import ARTIFACT, FaultProxy
from tests.support.mlflow.servers import answering

pytestmark = pytest.mark.integration


def change(uri, statement, *values):
    """Change the database as no client of MLflow can."""
    with closing(sqlite3.connect(uri.removeprefix("sqlite:///"))) as database, database:
        database.execute(statement, values)


def test_t03_deleted_experiment_is_named_with_the_command_that_restores_it(store, tracker, client, model_name):
    store.save(ModelVersion("", a_model(), a_lineage()))
    experiment = client.get_experiment_by_name(model_name).experiment_id
    client.delete_experiment(experiment)

    with pytest.raises(StoreUnavailable) as saving:
        store.save(ModelVersion("", a_model(), a_lineage()))
    with pytest.raises(TrackerUnavailable) as tracking, tracker.run({}):
        pass

    for error in (saving.value, tracking.value):
        assert error.why == f"the experiment '{model_name}' was deleted"
        assert f"mlflow experiments restore --experiment-id {experiment}" in error.remedy
    client.restore_experiment(experiment)
    assert store.save(ModelVersion("", a_model(), a_lineage())).name == "2"


def test_deleted_registered_model_is_made_anew(store, client, model_name):
    store.promote(store.save(ModelVersion("", a_model(), a_lineage())).name, replacing=None, at=NOON)
    client.delete_registered_model(model_name)

    assert (store.versions(), store.champion(), store.history().changes) == ((), None, ())
    assert store.save(ModelVersion("", a_model(), a_lineage())).name == "1"


def test_deleted_version_behind_the_alias_is_replaced_by_a_promotion(store, client, model_name, uri):
    first, other = (store.save(ModelVersion("", a_model(slope), a_lineage())).name for slope in range(2))
    store.promote(first, replacing=None, at=NOON)
    client.delete_model_version(model_name, first)
    alias = (
        "INSERT INTO registered_model_aliases (workspace, name, alias, version) VALUES ('default', ?, 'champion', ?)"
    )
    change(uri, alias, model_name, first)

    with pytest.raises(CorruptModel, match="was deleted while it was in production"):
        store.champion()
    assert store.history().champion == first
    assert store.promote(other, replacing=first, at=NOON).champion == other


@pytest.mark.parametrize("revision", ["ffffffffffff", "451aebb31d03"], ids=["newer", "older"])
def test_tables_of_another_mlflow_are_named_with_what_to_do(open_store, sqlite_uri, revision):
    change(sqlite_uri, "UPDATE alembic_version SET version_num = ?", revision)

    with pytest.raises(StoreUnavailable, match="tables are not those of MLflow") as caught:
        open_store(sqlite_uri).versions()

    assert "mlflow db upgrade" in caught.value.remedy


ANSWERS = [
    (401, b"You are not authenticated", "MLFLOW_TRACKING_USERNAME"),
    (403, b'{"error_code": "PERMISSION_DENIED", "message": "404"}', "MLFLOW_TRACKING_USERNAME"),
    (404, b"<html>", "the address of an MLflow server"),
    (405, b"<html>", "the address of an MLflow server"),
    (429, b"401", ""),
    (500, b"404", ""),
    (503, b'{"error_code": "TEMPORARILY_UNAVAILABLE", "message": "404"}', ""),
]


def test_answer_lasts_or_not_by_its_status(connect, open_store):
    status, body = 0, b""

    def answer(handler):
        handler.reply(200 if handler.path == "/health" else status, body)

    with answering(answer) as uri:
        for status, body, remedy in ANSWERS:  # noqa: B007  # the server answers with them
            with pytest.raises(StoreUnavailable) as store:
                open_store(uri).versions()
            with pytest.raises(TrackerUnavailable) as tracking, MlflowTracker(connect(uri)).run({}):
                pass

            for error in (store.value, tracking.value):
                assert bool(error.remedy) == bool(remedy)
                assert remedy in error.remedy


def test_missing_weights_are_a_corrupt_model_and_errors_of_a_gateway_are_not(mlflow_server, open_store):
    """The path contains 404, which is no status."""
    answers = {}

    def fault(handler):
        handler.path = handler.path.removeprefix("/team404")
        reads_weights = ARTIFACT in handler.path and handler.command == "GET"
        handler.reply_json(*(answers.get(reads_weights) or handler.upstream()))

    with FaultProxy.before(mlflow_server.uri) as proxy:
        proxy.fail(fault)
        store = open_store(f"{proxy.uri}/team404")
        version = store.save(ModelVersion("", a_model(), a_lineage()))
        assert store.load(version.name) == version

        answers[True] = 503, b"404"
        with pytest.raises(StoreUnavailable, match="503") as caught:
            store.load(version.name)
        assert not caught.value.remedy

        answers[True] = 404, b"503"
        with pytest.raises(InvalidRegistryResponse, match="is not MLflow"):
            store.load(version.name)

    max(mlflow_server.folder.rglob("weights.json"), key=lambda path: path.stat().st_mtime_ns).unlink()
    with pytest.raises(CorruptModel, match="has no file"):
        open_store(mlflow_server.uri).load(version.name)
