"""Training as a whole, over adapters in memory."""

from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from adapters.memory.dataset_source import InMemorySource
from adapters.memory.experiment_tracker import InMemoryRun, InMemoryTracker
from adapters.memory.model_store import InMemoryModelStore, InMemoryRegistryState
from application.training.gate_challenger import GateChallenger, defer_promotion
from application.training.train_model import TrainingBackend, TrainModel
from domain.data.dataset import Dataset
from domain.data.errors import InvalidData
from domain.data.split import HoldOutLast
from domain.errors import StoreUnavailable, TrackerUnavailable
from domain.learning.errors import Diverged
from domain.learning.plan import TrainingPlan
from domain.learning.sgd import SGD
from domain.model.errors import CorruptModel
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.promotion.errors import PromotionConflict
from domain.promotion.policy import PromotionPolicy
from tests.support.examples import NOON, NoCharts, SteppingClock, a_lineage, a_table

PLAN = TrainingPlan("y", None, HoldOutLast(10), SGD())


class Bench:
    """A training in memory, and everything that can be looked at afterwards."""

    def __init__(self, table: Dataset | None = None) -> None:
        self.tracker, self.local_tracker = InMemoryTracker(), InMemoryTracker()
        self.store, self.local_store = InMemoryModelStore(), InMemoryModelStore()
        clock = SteppingClock()
        self.train = TrainModel(
            source=InMemorySource(table or a_table()),
            charts=NoCharts(),
            clock=clock,
            code_revision="abc",
            registry=TrainingBackend(self.tracker, self.store, GateChallenger(self.store, PromotionPolicy(), clock)),
            local=TrainingBackend(self.local_tracker, self.local_store, defer_promotion),
        )

    def with_registry(self, **parts: object) -> TrainModel:
        return replace(self.train, registry=replace(self.train.registry, **parts))


def test_first_model_is_tracked_saved_and_promoted_with_its_lineage():
    bench, table = Bench(), a_table()

    outcome = bench.train(PLAN)

    (run,) = bench.tracker.runs
    lineage = outcome.version.lineage
    settings = PLAN.settings | {"features": "x0, x1"}
    assert (run.status, run.settings, run.training) == ("FINISHED", settings, outcome.training)
    assert (run.version, run.decision) == ("1", outcome.decision)
    assert [(note.phase, note.rows_seen) for note in run.notes] == [("solve", 50)]
    assert outcome.decision.promote
    assert outcome.unavailable is None
    assert bench.store.champion() == outcome.version
    assert (lineage.run_id, lineage.data_fingerprint) == (run.id, table.fingerprint)
    assert (lineage.settings, lineage.target, lineage.code_revision) == (settings, "y", "abc")
    assert lineage.created_at > NOON
    assert lineage.scores.r2 > 0.9


def test_named_features_are_used_in_their_order_and_all_others_when_none_are_named():
    named = replace(PLAN, features=("x1", "x0"))

    assert Bench().train(named).version.model.feature_names == ("x1", "x0")
    assert Bench().train(PLAN).version.model.feature_names == ("x0", "x1")
    assert (named.settings["features"], PLAN.settings["features"]) == ("x1, x0", "all")


def test_model_with_the_champions_weights_is_tracked_and_saved_once():
    bench = Bench()
    first = bench.train(PLAN)

    second = bench.train(PLAN)

    assert not second.decision.promote
    assert "already" in second.decision.reasons[0]
    assert bench.store.versions() == ("1",)
    assert bench.store.champion() == first.version == second.version
    assert (bench.tracker.runs[1].version, bench.tracker.runs[1].decision) == ("1", second.decision)


def test_c11_better_model_with_more_columns_is_left_to_a_person():
    bench = Bench()
    weak = bench.train(replace(PLAN, features=("x1",)))
    assert weak.decision.promote

    outcome = bench.train(PLAN)

    assert not outcome.decision.promote
    assert outcome.decision.awaits_approval
    assert "version 2 takes other features than version 1 (added: x0)" in outcome.decision.reasons[0]
    assert f"{weak.version.lineage.scores.r2:.4f} of version 1 on the same rows" in outcome.decision.reasons[1]
    assert bench.store.history().champion == "1"


@pytest.mark.parametrize("consent", [False, True])
def test_c11_consent_to_the_champions_features_holds_for_a_challenger_that_replaces_it(consent):
    bench = Bench()
    weak = bench.store.save(ModelVersion("", LinearModel([0.5, 1.5], 3.0, ("x0", "x1")), a_lineage())).name
    bench.store.promote(weak, replacing=None, at=NOON, feature_change_approved=consent)

    outcome = bench.train(PLAN)

    assert outcome.decision.promote
    assert "of version 1 on the same rows" in outcome.decision.reasons[0]
    history = bench.store.history()
    assert (history.champion, history.previous, history.feature_change_approved) == ("2", "1", consent)


def test_champion_that_cannot_be_scored_is_kept_until_an_operator_decides():
    bench = Bench()
    stranger = bench.store.save(ModelVersion("", LinearModel(np.array([1.0]), 0.0, ("age",)), a_lineage()))
    bench.store.promote(stranger.name, replacing=None, at=NOON)

    class Damaged(InMemoryModelStore):
        def load(self, version):
            raise CorruptModel(version, "half a file")

    damaged = Damaged(bench.store._state)
    judge = GateChallenger(damaged, PromotionPolicy(), SteppingClock())
    unreadable = bench.with_registry(store=damaged, judge=judge)(PLAN).decision
    without_column = bench.train(PLAN).decision

    assert [decision.promote for decision in (unreadable, without_column)] == [False, False]
    assert "half a file" in unreadable.reasons[0]
    assert "(removed: age; added: x0, x1)" in without_column.reasons[0]
    assert "no column 'age'" in without_column.reasons[1]
    assert [decision.awaits_approval for decision in (unreadable, without_column)] == [False, True]


@pytest.mark.parametrize(
    ("table", "plan", "message"),
    [
        (Dataset(np.empty((40, 0)), np.arange(40.0), (), "y"), PLAN, "'y' is the only column"),
        (a_table(), replace(PLAN, features=("x0", "age")), "no column 'age'"),
        (a_table(rows=12), PLAN, "the training rows are too few"),
    ],
)
def test_unusable_data_open_no_run_and_save_nothing(table, plan, message):
    bench = Bench(table)

    with pytest.raises(InvalidData, match=message):
        bench.train(plan)

    assert (bench.tracker.runs, bench.store.versions()) == ([], ())


def interrupt(progress):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("learner", "on_progress", "error", "status"),
    [
        (SGD.textbook(learning_rate=10.0), None, Diverged, "FAILED"),
        (SGD(), interrupt, KeyboardInterrupt, "KILLED"),
    ],
)
def test_divergence_and_interruption_end_the_run_and_save_nothing(learner, on_progress, error, status):
    bench = Bench()

    with pytest.raises(error):
        bench.train(replace(PLAN, learner=learner), on_progress)

    assert [run.status for run in bench.tracker.runs] == [status]
    assert bench.store.versions() == ()


class CountingSource(InMemorySource):
    """Counts how often it is asked for rows."""

    loads = 0

    def load(self, target, features):
        self.loads += 1
        return super().load(target, features)


@pytest.mark.parametrize(("second", "loads"), [(("x0", "x1"), 1), (("x0",), 2)])
def test_data_are_read_again_only_if_the_champion_predicts_from_columns_that_were_not(second, loads):
    bench = Bench()
    bench.train(replace(PLAN, features=("x1",)))
    source = CountingSource(a_table())

    outcome = replace(bench.train, source=source)(replace(PLAN, features=second))

    assert source.loads == loads
    assert "of version 1 on the same rows" in " ".join(outcome.decision.reasons)


def test_interruption_is_held_back_while_the_model_is_registered():
    bench = Bench()
    events = []

    @contextmanager
    def defer_signals():
        events.append(("begin", bench.store.versions(), bench.tracker.runs[0].training is not None))
        yield
        events.append(("end", bench.store.versions(), bench.tracker.runs[0].decision is not None))

    replace(bench.train, defer_signals=defer_signals)(PLAN)

    assert events == [("begin", (), True), ("end", ("1",), True)]


class AwayTracker(InMemoryTracker):
    def run(self, settings):
        raise TrackerUnavailable("http://mlflow", "connection refused")


class AwayStore(InMemoryModelStore):
    def save(self, unnamed):
        raise StoreUnavailable("http://mlflow", "timed out")


@pytest.mark.parametrize(("away", "statuses"), [({"tracker": AwayTracker()}, []), ({"store": AwayStore()}, ["FAILED"])])
def test_training_is_kept_locally_when_the_registry_is_away_at_no_second_fit(away, statuses):
    bench, seen = Bench(), []

    outcome = bench.with_registry(**away)(PLAN, seen.append)

    assert outcome.unavailable is not None
    assert outcome.unavailable.place == "http://mlflow"
    assert outcome.kept_locally
    assert not outcome.decision.promote
    assert bench.store.versions() == ()
    (run,) = bench.local_tracker.runs
    assert (run.status, run.version) == ("FINISHED", "1")
    assert bench.local_store.load("1").model == outcome.version.model
    assert [progress.passes for progress in seen] == [1]
    assert [run.status for run in bench.tracker.runs] == statuses


def test_decision_stands_when_the_tracker_goes_away_before_it_is_recorded(mocker):
    # An edge that is not ours: the tracker's answer to the very last write.
    mocker.patch.object(
        InMemoryRun, "conclude", autospec=True, side_effect=TrackerUnavailable("http://mlflow", "reset")
    )
    bench = Bench()

    outcome = bench.train(PLAN)

    assert outcome.unavailable is not None
    assert (outcome.kept_locally, outcome.decision.promote) == (False, True)
    assert bench.store.champion() == outcome.version
    assert bench.local_store.versions() == ()


class RacingStore(InMemoryModelStore):
    """Another trainer promotes just before each of the first `races` promotions."""

    def __init__(self, races: int) -> None:
        super().__init__(InMemoryRegistryState())
        self.races = races

    def promote(self, version, *, replacing, at, feature_change_approved=False):
        if self.races:
            self.races -= 1
            rival = self.save(
                ModelVersion("", LinearModel(np.array([0.5, 1.5]), 3.0 + self.races, ("x0", "x1")), a_lineage())
            )
            super().promote(rival.name, replacing=replacing, at=at)
        return super().promote(version, replacing=replacing, at=at, feature_change_approved=feature_change_approved)


def racing(races: int) -> tuple[RacingStore, TrainModel]:
    store = RacingStore(races)
    judge = GateChallenger(store, PromotionPolicy(), SteppingClock(), attempts=3)
    return store, Bench().with_registry(store=store, judge=judge)


def test_lost_race_is_judged_again_against_the_new_champion():
    store, train = racing(races=2)

    outcome = train(PLAN)

    assert outcome.decision.promote
    assert "of version 3 on the same rows" in outcome.decision.reasons[0]
    assert [change.version for change in store.history().changes] == ["2", "3", "1"]


def test_endless_races_end_in_a_conflict():
    store, train = racing(races=99)

    with pytest.raises(PromotionConflict):
        train(PLAN)

    assert store.history().champion != "1"
