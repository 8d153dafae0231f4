import json

import pytest
from dependency_injector import providers

from adapters.memory.experiment_tracker import InMemoryRun, InMemoryTracker
from adapters.memory.model_store import InMemoryModelStore
from domain.errors import StoreUnavailable, TrackerUnavailable
from entrypoints import signals


def test_train_without_options_is_the_default_experiment_whose_model_is_saved_once(endeavour, container):
    code, out, err = endeavour("train")
    again, facts = endeavour("train")[1], json.loads(endeavour("train", "--json")[1])

    assert (code, err) == (0, "")
    assert "progression = 152.919 + 938.238·bmi" in out
    assert "R² 0.4726" in out
    assert "on 20 held-out rows" in out
    assert "\n          prediction intervals: 90 % of targets lie within ± 91.33 of" in out
    assert " of the prediction of a typical row (20 held-out rows; levels up to 0.95)\n" in out
    assert "decision  promoted: nothing is in production yet\n          hold-out R² 0.4726 meets" in out
    assert "version   1, unchanged (run 2)" in again
    assert "not promoted: its weights are those of version 1" in again
    assert (facts["version"], facts["run_id"], facts["kept_locally"], facts["promoted"]) == ("1", "3", False, False)
    assert facts["coefficients"]["bmi"] == pytest.approx(938.2379, abs=1e-3)
    assert facts["scores"]["mse"] == pytest.approx(2548.07, abs=5e-3)
    assert (container.store().versions(), container.store().history().champion) == (("1",), "1")


def test_dry_run_prints_the_plan_and_writes_nothing(endeavour, container, artifacts, table):
    code, out, err = endeavour("train", "--dry-run", "--json", "--data", table(), "--target", "price")

    facts = json.loads(out)
    assert (code, err) == (0, "")
    assert (facts["features"], facts["train_rows"], facts["holdout_rows"]) == ("b", 24, 6)  # a numbers the rows
    assert "nothing was written" in endeavour("train", "--dry-run")[1]
    assert endeavour("train", "--dry-run", "--features", "cost")[0] == 2
    assert (container.tracker().runs, container.store().versions(), artifacts.exists()) == ([], (), False)


def test_decision_that_awaits_an_operator_prints_the_commands_that_fit(endeavour):
    endeavour("train")

    out = endeavour("train", "--features", "bmi,s5")[1].partition("decision")[2].splitlines()

    assert "not promoted: version 2 takes other features than version 1" in out[0]
    assert [line.strip().partition(":")[0] for line in out[-2:]] == ["to replace it", "to keep both"]


class Unavailable(InMemoryTracker, InMemoryModelStore):
    """A tracker and store that do not answer, or refuse until an operator acts."""

    def __init__(self, *why):
        InMemoryTracker.__init__(self)
        InMemoryModelStore.__init__(self)
        self.why = why

    def run(self, settings):
        raise TrackerUnavailable("http://mlflow:5000", *self.why)

    def versions(self):
        raise StoreUnavailable("http://mlflow:5000", *self.why)

    history = versions


@pytest.mark.parametrize(("why", "code"), [(("connection refused",), 3), (("it answers 401", "check the password"), 4)])
def test_training_without_mlflow_keeps_everything_locally(endeavour, container, artifacts, why, code):
    container.mlflow_tracker.override(providers.Object(Unavailable(*why)))
    container.mlflow_store.override(providers.Object(Unavailable(*why)))
    refusal = f"endeavour: {TrackerUnavailable('http://mlflow:5000', *why)}"
    again = ": train again later" if code == 3 else ""

    ended, out, err = endeavour("train")

    assert (ended, err) == (code, f"{refusal}; everything is kept under {artifacts}{again}\n")
    assert "not promoted: the registry cannot be used" in out
    (weights,) = artifacts.glob("weights/*.csv")
    assert "bmi,938.23" in weights.read_text()
    (folder,) = (artifacts / "runs").iterdir()
    assert {path.name for path in folder.iterdir()} >= {"losses.csv", "scores.csv", "weights.csv", "decision.csv"}
    assert endeavour("models") == (code, "", f"{refusal}\n")


def test_disk_that_cannot_be_written_exits_with_3_and_claims_nothing_is_kept(endeavour, container, artifacts):
    container.mlflow_tracker.override(providers.Object(Unavailable("connection refused")))
    artifacts.write_text("a file where the folder should be")

    code, out, err = endeavour("train")

    assert (code, out) == (3, "")
    assert str(artifacts) in err
    assert "kept" not in err


def test_incomplete_record_of_a_judged_model_is_reported_and_exits_with_3(endeavour, container, mocker):
    # An edge that is not ours: the tracker's answer to the very last write.
    away = TrackerUnavailable("http://mlflow", "reset")
    mocker.patch.object(InMemoryRun, "conclude", autospec=True, side_effect=away)

    code, out, err = endeavour("train")

    assert code == 3
    assert "promoted" in out
    assert "version 1 is registered and judged, but the record of its run is incomplete" in err
    assert container.store().history().champion == "1"


@pytest.mark.parametrize(("raised", "code"), [(KeyboardInterrupt, 130), (lambda: signals.Terminated(15), 143)])
def test_interrupted_training_exits_as_signals_do(endeavour, container, mocker, raised, code):
    mocker.patch("domain.learning.sgd.SGD.fit", autospec=True, side_effect=raised())

    assert endeavour("train")[0] == code
    assert [tracked.status for tracked in container.tracker().runs] == ["KILLED"]
    assert container.store().versions() == ()
