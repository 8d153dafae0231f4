import csv
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import mlflow
import pytest

from adapters.mlflow.tracker import MlflowTracker
from domain.errors import TrackerUnavailable
from domain.promotion import Decision
from domain.redaction import Redaction
from domain.scores import evaluate
from domain.sgd import SGD, Progress
from domain.split import LastRows
from domain.training import Training
from tests.adapters.mlflow.servers import Proxy
from tests.contracts.experiment_tracker import ExperimentTrackerContract, Recorded
from tests.examples import a_lineage, a_table, a_training


def rows(path):
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.reader(file))


class MlflowTrackerContract(ExperimentTrackerContract):
    @pytest.fixture
    def tracker(self, tracker):
        return tracker

    @pytest.fixture(autouse=True)
    def _look(self, client, tmp_path):
        self.client, self.folder = client, tmp_path

    def recorded(self, tracker, run_id):
        run = self.client.get_run(run_id)
        (self.folder / run_id).mkdir()
        folder = Path(self.client.download_artifacts(run_id, "", str(self.folder / run_id)))
        losses, certificates = self.history(run_id, "loss"), self.history(run_id, "excess_risk")
        for points in (losses, certificates):
            assert [point.step for point in points] == list(range(1, len(points) + 1))
        notes = {
            name: self.history(run_id, f"progress_{name}") for name in ("passes", "rows_seen", "loss", "excess_risk")
        }
        reasons = run.data.tags.get("endeavour.reasons", "")
        return Recorded(
            status=run.info.status,
            settings=run.data.params,
            losses=[point.value for point in losses],
            certificates=[point.value for point in certificates],
            notes=[
                dict(zip(notes, [point.value for point in points], strict=True))
                for points in zip(*notes.values(), strict=True)
            ],
            scores={key: value for key, value in run.data.metrics.items() if key not in ("loss", "excess_risk")},
            train=rows(folder / "data" / "train.csv"),
            test=rows(folder / "data" / "test.csv"),
            train_sample=rows(folder / "data" / "train_sample.csv"),
            test_sample=rows(folder / "data" / "test_sample.csv"),
            weights=rows(folder / "weights.csv"),
            charts={path.name: path.read_bytes() for path in folder.glob("plots/*")},
            version=run.data.tags.get("endeavour.version"),
            promoted=run.data.tags.get("endeavour.promoted"),
            reasons=reasons.split("\n") if reasons else [],
        )

    def history(self, run_id, metric):
        return sorted(self.client.get_metric_history(run_id, metric), key=lambda point: point.step)

    @pytest.mark.slow
    def test_runs_on_the_same_data_may_be_recorded_at_once(self, tracker):
        def record(training):
            with tracker.run({}) as run:
                run.record(training, {})
            return self.recorded(tracker, run.id).status

        # MLflow looks for a data set before it writes one: two who look at once both write.
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
        columns = json.loads(inputs["train"].dataset.schema)["mlflow_colspec"]
        assert [column["name"] for column in columns] == ["x0", "x1", "y"]
        assert mlflow.data.get_source(inputs["train"].dataset).load()

    def test_model_is_an_output_of_its_run_with_its_scores_on_the_test_rows(self, tracker, store, model_name):
        training = a_training()
        with tracker.run({}) as run:
            run.record(training, {})
            lineage = a_lineage(run_id=run.id)
            version = store.save(training.fit.model, lineage).name

        found = self.client.get_run(run.id)
        (output,) = found.outputs.model_outputs
        logged = self.client.get_logged_model(output.model_id)
        assert output.step == training.fit.report.passes
        assert logged.status == "READY"
        assert logged.source_run_id == run.id
        assert {metric.key: metric.value for metric in logged.metrics} == lineage.scores.as_dict()
        assert {metric.step for metric in logged.metrics} == {training.fit.report.passes}
        assert {metric.dataset_name for metric in logged.metrics} == {"y (test)"}
        registered = self.client.get_model_version(model_name, version)
        assert registered.run_id == run.id
        assert registered.source == f"models:/{output.model_id}"

    def test_scores_stay_one_point_each_when_the_model_is_saved(self, tracker, store):
        training = a_training()
        with tracker.run({}) as run:
            run.record(training, {})
            store.save(training.fit.model, a_lineage(run_id=run.id, r2=training.scores.r2))

        assert len(self.client.get_metric_history(run.id, "r2")) == 1

    def test_note_tells_people_what_was_decided(self, tracker):
        with tracker.run({}) as run:
            run.record(a_training(), {})
            run.conclude("7", Decision(False, ("R² 0.1 is below the floor of 0.4",)))

        note = self.client.get_run(run.id).data.tags["mlflow.note.content"]
        assert "Version 7 was **not** promoted." in note
        assert "- R² 0.1 is below the floor of 0.4" in note
        assert "| rmse |" in note

    def test_reasons_are_kept_without_secrets(self, connect, uri, client):
        tracker = MlflowTracker(connect(uri, redaction=Redaction(["hunter 2"])))
        with tracker.run({}) as run:
            run.conclude("7", Decision(False, ("it is broken: hunter%202",)))

        tags = client.get_run(run.id).data.tags
        assert "hunter" not in tags["endeavour.reasons"] + tags["mlflow.note.content"]

    def test_files_go_where_the_connection_says(self, tracker, tmp_path):
        with tracker.run({}) as run:
            run.record(a_training(), {"loss.png": b"png"})

        where = self.client.get_run(run.id).info.artifact_uri
        assert where == str(tmp_path / "artifacts" / run.id / "artifacts")
        assert (Path(where) / "plots" / "loss.png").read_bytes() == b"png"

    def test_fifteen_thousand_losses_are_all_kept(self, tracker):
        table = a_table()
        split = LastRows(10)(table)
        fit = SGD.textbook(learning_rate=0.01).fit(split.train)
        with tracker.run({}) as run:
            run.record(Training(table.fingerprint, split, fit, evaluate(fit.model, split.test)), {})

        points = self.client.get_metric_history(run.id, "loss")
        assert [point.value for point in sorted(points, key=lambda point: point.step)] == list(fit.report.losses)

    def test_settings_longer_than_mlflow_allows_do_not_stop_a_training(self, tracker):
        with tracker.run({"features": "x" * 10_000}) as run:
            pass

        assert self.recorded(tracker, run.id).settings["features"].startswith("xxx")


@pytest.mark.integration
class TestOverHttp(MlflowTrackerContract):
    @pytest.fixture
    def uri(self, mlflow_server):
        return mlflow_server.uri

    def test_error_of_the_training_is_kept_when_mlflow_goes_away_too(self, mlflow_server, connect, caplog):
        proxy = Proxy(mlflow_server.uri)
        with proxy.listening() as uri:
            tracker = MlflowTracker(connect(uri, patience=1.0))

            def train():
                with tracker.run({}):
                    proxy.cut = True
                    raise ZeroDivisionError

            with pytest.raises(ZeroDivisionError):
                train()

        assert "run_not_ended" in caplog.messages

    def test_note_that_mlflow_does_not_take_is_no_reason_to_stop_and_is_not_tried_again(
        self, mlflow_server, connect, caplog, monkeypatch
    ):
        monkeypatch.setattr("adapters.mlflow.tracker.SECONDS_BETWEEN_NOTES", -1.0)  # every note is due
        proxy = Proxy(mlflow_server.uri)
        with proxy.listening() as uri:
            tracker = MlflowTracker(connect(uri, patience=1.0))
            with tracker.run({}) as run:
                proxy.cut = True
                for _ in range(3):
                    run.note(Progress("descent", 0, 100, None, None))
                proxy.cut = False

        assert caplog.messages.count("progress_not_noted") == 1
        assert self.recorded(tracker, run.id).status == "FINISHED"

    def test_finishing_a_run_that_mlflow_does_not_hear_of_is_an_error(self, mlflow_server, connect):
        proxy = Proxy(mlflow_server.uri)
        with proxy.listening() as uri:
            tracker = MlflowTracker(connect(uri, patience=1.0))

            with pytest.raises(TrackerUnavailable), tracker.run({}):
                proxy.cut = True
