import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import mlflow
import numpy as np
import pytest

from adapters.mlflow.datasets import dataset_inputs
from adapters.mlflow.tracker import MAX_RUN_NAME_CHARACTERS, MlflowTracker
from domain.access.redaction import Redaction
from domain.data.columns import Column
from domain.data.dataset import Dataset
from domain.data.split import Split
from domain.errors import TrackerUnavailable
from domain.learning.fit import Progress
from domain.model.model_version import ModelVersion
from domain.promotion.policy import Decision
from tests.contracts.experiment_tracker import ExperimentTrackerContract, Recorded
from tests.support.examples import a_lineage, a_training
from tests.support.fault_proxy import FaultProxy
from tests.support.program import free_port

CURVES = ("loss", "relative_excess_loss")


class MlflowTrackerContract(ExperimentTrackerContract):
    @pytest.fixture
    def unreachable(self, connect):
        return MlflowTracker(connect(f"http://127.0.0.1:{free_port()}"))

    @pytest.fixture(autouse=True)
    def _look(self, client, tmp_path):
        self.client, self.folder = client, tmp_path

    def recorded(self, tracker, run_id):
        run = self.client.get_run(run_id)
        (self.folder / run_id).mkdir()
        folder = Path(self.client.download_artifacts(run_id, "", str(self.folder / run_id)))
        curves = zip(*(self.values(run_id, f"progress_{name}") for name in CURVES), strict=True)
        reasons = run.data.tags.get("endeavour.reasons", "")
        return Recorded(
            status=run.info.status,
            settings=run.data.params,
            losses=self.values(run_id, "loss", first_step=1) or [run.data.metrics.get("train_mse")],
            certificates=self.values(run_id, "relative_excess_loss", first_step=1),
            notes=[self.counters(run) | dict(zip(CURVES, points, strict=True)) for points in curves],
            scores=run.data.metrics | self.counters(run),
            files={str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()},
            version=run.data.tags.get("endeavour.version"),
            promoted=run.data.tags.get("endeavour.promoted"),
            reasons=reasons.split("\n") if reasons else [],
        )

    def counters(self, run):
        """Return the numbers of a fit that are tags, because MLflow draws a chart of each metric."""
        names = a_training().fit.report.metrics().keys() - run.data.metrics.keys()
        tags = {name: run.data.tags.get(f"endeavour.{name}") for name in names}
        return {name: float(tag) for name, tag in tags.items() if tag}

    def values(self, run_id, metric, first_step=None):
        points = sorted(self.client.get_metric_history(run_id, metric), key=lambda point: point.step)
        if first_step is not None:
            assert [point.step for point in points] == list(range(first_step, first_step + len(points)))
        return [point.value for point in points]

    @pytest.mark.slow
    def test_runs_on_the_same_data_may_be_recorded_at_once(self, tracker):
        def record(training):
            with tracker.run({}) as run:
                run.record(training, {})
            return self.recorded(tracker, run.id).status

        # MLflow looks for a data set before it writes one, so that two runs may both write it.
        with ThreadPoolExecutor(4) as pool:
            for rows in range(60, 64):
                assert list(pool.map(record, [a_training(rows)] * 4)) == ["FINISHED"] * 4


class TestOverSqlite(MlflowTrackerContract):
    def test_both_parts_of_the_data_are_inputs_of_the_run(self, tracker):
        training = a_training()
        with tracker.run({}) as run:
            run.record(training, {})

        inputs = {
            next(tag.value for tag in used.tags if tag.key == "mlflow.data.context"): used
            for used in self.client.get_run(run.id).inputs.dataset_inputs
        }

        assert set(inputs) == {"train", "test"}
        tags = {tag.key: tag.value for tag in inputs["test"].tags}
        assert tags["endeavour.fingerprint"] == training.split.test.fingerprint
        assert json.loads(inputs["train"].dataset.profile)["num_rows"] == len(training.split.train)
        assert mlflow.data.get_source(inputs["train"].dataset).load()

    def test_schema_of_a_table_lists_the_kinds_of_its_columns(self):
        city, sold = Column("city", "category", ("Oslo",), nullable=True), Column("sold", "datetime")
        table = Dataset([[1, 0, 1.6e9], [0, np.nan, 1.7e9]], [3.0, 4.0], (Column("new", "boolean"), city, sold), "y")

        train, _ = dataset_inputs(replace(a_training(), split=Split(table, table)), "run-1", "houses.csv")

        columns = json.loads(train.dataset.schema)["mlflow_colspec"]
        assert [(column["name"], column["type"], column["required"]) for column in columns] == [
            ("new", "boolean", True),
            ("city", "string", False),
            ("sold", "datetime", True),
            ("y", "double", True),
        ]

    def test_model_is_an_output_of_its_run_with_its_scores_on_the_test_rows(self, tracker, store, model_name):
        training = a_training()
        with tracker.run({"data": "houses.csv"}) as run:
            run.record(training, {})
            lineage = replace(a_lineage(run_id=run.id), scores=training.scores)
            version = store.save(ModelVersion("", training.fit.model, lineage)).name

        (output,) = self.client.get_run(run.id).outputs.model_outputs
        logged = self.client.get_logged_model(output.model_id)
        assert output.step == training.fit.report.passes
        assert (logged.status, logged.source_run_id) == ("READY", run.id)
        assert {metric.key: metric.value for metric in logged.metrics} == lineage.scores.as_dict()
        assert {metric.step for metric in logged.metrics} == {training.fit.report.passes}
        assert {metric.dataset_name for metric in logged.metrics} == {"houses.csv (test)"}
        assert len(self.client.get_metric_history(run.id, "r2")) == 1
        registered = self.client.get_model_version(model_name, version)
        assert (registered.run_id, registered.source) == (run.id, f"models:/{output.model_id}")

    def test_run_is_named_by_target_table_and_time(self, tracker):
        with tracker.run({"target": "price", "data": "houses.csv" + "x" * 300}) as run:
            pass

        name = self.client.get_run(run.id).info.run_name
        assert re.fullmatch(r"price from houses\.csvx+, \d{4}-\d\d-\d\d \d\d:\d\d", name)
        assert len(name) == MAX_RUN_NAME_CHARACTERS

    def test_note_gives_the_decision_without_secrets(self, connect, uri):
        tracker = MlflowTracker(connect(uri, redaction=Redaction(["hunter 2"])))
        with tracker.run({}) as run:
            run.record(a_training(), {})
            run.conclude("7", Decision(False, ("R² 0.1 is below the floor of 0.4", "it is broken: hunter%202")))

        tags = self.client.get_run(run.id).data.tags
        note = tags["mlflow.note.content"]
        assert "Version 7 was **not** promoted." in note
        assert "- R² 0.1 is below the floor of 0.4" in note
        assert "| rmse |" in note
        assert "hunter" not in tags["endeavour.reasons"] + note

    def test_files_are_in_the_folder_of_the_connection(self, tracker, tmp_path):
        with tracker.run({}) as run:
            run.record(a_training(), {"loss.png": b"png"})

        where = self.client.get_run(run.id).info.artifact_uri
        assert where == str(tmp_path / "artifacts" / run.id / "artifacts")
        assert (Path(where) / "plots" / "loss.png").read_bytes() == b"png"

    def test_long_settings_and_more_losses_than_two_requests_hold_do_not_stop_a_training(self, tracker):
        training, losses = a_training(), tuple(map(float, range(2_500)))
        fit = replace(training.fit, report=replace(training.fit.report, losses=losses))
        with tracker.run({"features": "x" * 10_000}) as run:
            run.record(replace(training, fit=fit), {})

        found = self.recorded(tracker, run.id)
        assert found.losses == list(losses)
        assert found.settings["features"].startswith("xxx")


@pytest.mark.integration
class TestOverHttp(MlflowTrackerContract):
    @pytest.fixture
    def uri(self, mlflow_server):
        return mlflow_server.uri

    @pytest.fixture
    def proxy(self, uri):
        with FaultProxy.before(uri) as proxy:
            yield proxy

    @pytest.fixture
    def by_proxy(self, proxy, connect):
        return MlflowTracker(connect(proxy.uri, patience=1.0))

    def test_error_of_the_training_is_kept_when_mlflow_goes_away_too(self, proxy, by_proxy, caplog):
        def train():
            with by_proxy.run({}):
                proxy.refuse()
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            train()

        assert "run_not_ended" in caplog.messages

    def test_note_that_mlflow_does_not_take_is_no_reason_to_stop_and_is_not_tried_again(
        self, proxy, by_proxy, caplog, monkeypatch
    ):
        monkeypatch.setattr("adapters.mlflow.tracker.SECONDS_BETWEEN_NOTES", -1.0)  # every note is due
        with by_proxy.run({}) as run:
            proxy.refuse()
            for _ in range(3):
                run.note(Progress("descent", 0, 100, None, None))
            proxy.listen()

        assert caplog.messages.count("progress_not_recorded") == 1
        assert self.recorded(by_proxy, run.id).status == "FINISHED"

    def test_run_whose_end_mlflow_does_not_record_is_an_error(self, proxy, by_proxy):
        with pytest.raises(TrackerUnavailable), by_proxy.run({}):
            proxy.refuse()
