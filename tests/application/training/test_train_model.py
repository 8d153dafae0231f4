import json
from contextlib import contextmanager
from dataclasses import replace

import pytest

from adapters.memory.dataset_source import InMemorySource
from adapters.memory.experiment_tracker import InMemoryRun, InMemoryTracker
from adapters.memory.ledger import InMemoryLedger
from adapters.memory.model_store import InMemoryModelStore, InMemoryRegistryState
from adapters.pyarrow.parquet_rows import ParquetRows
from adapters.pyarrow.table_source import TableSource
from application.audit.record_change import RecordChange
from application.training.gate_challenger import GateChallenger, defer_promotion
from application.training.train_model import TrainingBackend, TrainModel
from domain.data.errors import InvalidData
from domain.data.quoting import has_control_character
from domain.data.rows import Rows
from domain.data.split import HoldOutLast
from domain.data.table import LeftOut, Table
from domain.errors import ClusterUnavailable, InvalidParameter, StoreUnavailable, TrackerUnavailable
from domain.learning.errors import Diverged
from domain.learning.plan import TrainingPlan
from domain.learning.sgd import SGD
from domain.model.serialization import from_record, to_record
from domain.ports import DatasetSource
from domain.promotion.policy import PromotionPolicy
from tests.support.examples import NOON, NoCharts, SteppingClock, a_table
from tests.support.pieces import in_pieces
from tests.support.sgd.hard_data import dataset, line, normal

PLAN = TrainingPlan("y", ("x0", "x1"), HoldOutLast(10), SGD())
SETTINGS = PLAN.settings | {"chosen_terms": "linear"}


class Bench:
    """A training in memory, and everything that can be looked at afterwards."""

    def __init__(self, table: Rows | None = None) -> None:
        self.tracker, self.local_tracker = InMemoryTracker(), InMemoryTracker()
        self.registry = InMemoryRegistryState()
        self.store, self.local_store = InMemoryModelStore(self.registry), InMemoryModelStore()
        clock = SteppingClock()
        record = RecordChange(InMemoryLedger(self.registry))
        gate = GateChallenger(self.store, PromotionPolicy(), clock, record)
        self.train = TrainModel(
            source=InMemorySource(table or a_table()),
            charts=NoCharts(),
            clock=clock,
            code_revision="abc",
            registry=TrainingBackend(self.tracker, self.store, gate),
            local=TrainingBackend(self.local_tracker, self.local_store, defer_promotion),
        )


def test_first_model_is_tracked_saved_and_promoted_with_its_lineage():
    bench, table = Bench(), a_table()

    outcome = bench.train(PLAN)

    (run,) = bench.tracker.runs
    lineage = outcome.version.lineage
    assert (run.status, run.settings, run.training) == ("FINISHED", SETTINGS, outcome.training)
    assert (run.version, run.decision) == ("1", outcome.decision)
    assert [(note.phase, note.rows_seen) for note in run.notes] == [("solve", 50)]
    assert outcome.decision.promote
    assert outcome.unavailable is None
    assert bench.store.champion() == outcome.version
    assert (lineage.run_id, lineage.data_fingerprint) == (run.id, table.fingerprint)
    assert (lineage.settings, lineage.target, lineage.code_revision) == (SETTINGS, "y", "abc")
    assert lineage.created_at > NOON
    assert lineage.scores.r2 > 0.9
    training = outcome.training
    assert (training.settings, training.champion) == (lineage.settings, None)
    assert (lineage.intervals, lineage.warnings) == (training.intervals, training.all_warnings)
    assert training.intervals["r2"].low < lineage.scores.r2 < training.intervals["r2"].high
    assert [importance.name for importance in training.importances] == ["x1", "x0"]


def test_training_of_a_table_in_pieces_gives_the_scores_of_the_whole_table():
    table = dataset(*line(normal(9_000, 3)))
    plan = replace(PLAN, features=None, hold_out=HoldOutLast(2_000), terms="splines", penalty=None)

    whole, pieces = (Bench(rows).train(plan).training for rows in (table, in_pieces(table, [100, 4_000])))

    assert pieces.data_fingerprint == whole.data_fingerprint
    # Both fits are within 1e-6 of the least loss.
    assert pieces.scores.as_dict() == pytest.approx(whole.scores.as_dict(), rel=1e-4)
    quantiles = [training.calibration.quantile(0.9) for training in (whole, pieces)]
    assert quantiles[1] == pytest.approx(quantiles[0], rel=1e-2)


def test_features_are_used_in_the_order_of_the_plan():
    plan = replace(PLAN, features=("x1", "x0"))

    assert Bench().train(plan).version.model.feature_names == ("x1", "x0")
    assert plan.settings["features"] == "x1, x0"
    for features in ((), ("x0", "x0"), ("x0", "y")):
        with pytest.raises(InvalidParameter):
            replace(PLAN, features=features)


def test_model_with_the_champions_weights_is_tracked_and_saved_once():
    bench = Bench()
    first = bench.train(PLAN)

    second = bench.train(PLAN)

    assert not second.decision.promote
    assert "already" in second.decision.reasons[0]
    assert bench.store.versions() == ("1",)
    assert bench.store.champion() == first.version == second.version
    assert second.training.champion == first.version.model
    assert (bench.tracker.runs[1].version, bench.tracker.runs[1].decision) == ("1", second.decision)
    bench.registry.damaged.add("1")
    assert bench.train(PLAN).version.name == "2"


def test_model_with_the_weights_of_a_champion_of_an_older_schema_takes_its_place():
    bench = Bench()
    old = bench.store.save(replace(bench.train(PLAN).version, calibration=None))
    bench.store.promote(old.name, replacing="1", at=NOON)

    trained = bench.train(PLAN)

    assert (old.name, trained.version.name) == ("2", "3")
    assert trained.version.calibration.rows == 10
    assert "whose record lacks intervals" in trained.decision.reasons[0]
    assert bench.store.champion() == bench.train(PLAN).version == trained.version


def test_c11_better_model_with_more_columns_awaits_approval():
    bench = Bench()
    weak = bench.train(replace(PLAN, features=("x1",)))
    assert weak.decision.promote

    outcome = bench.train(PLAN)

    assert (outcome.decision.promote, outcome.decision.awaits_approval) == (False, True)
    assert "version 2 takes other features than version 1 (added: x0)" in outcome.decision.reasons[0]
    assert f"{weak.version.lineage.scores.r2:.4f} of version 1 on the same rows" in outcome.decision.reasons[1]
    assert bench.store.history().champion == "1"


def test_t09_cluster_that_is_lost_before_the_champion_is_scored_registers_nothing(mocker):
    bench = Bench()
    bench.train(replace(PLAN, features=("x1",)))
    source = mocker.create_autospec(DatasetSource, instance=True)
    table = bench.train.source.load("y", ("x0",))
    source.load.side_effect = [table, ClusterUnavailable("tls://dask:8786", "the connection was lost")]

    with pytest.raises(ClusterUnavailable):
        replace(bench.train, source=source)(replace(PLAN, features=("x0",)))

    assert source.load.call_count == 2
    assert (bench.store.versions(), bench.tracker.runs[1].status) == (("1",), "FAILED")


def test_invalid_data_open_no_run_and_save_nothing():
    for table, plan, message in (
        (a_table(), replace(PLAN, features=("x0", "age")), "no column 'age'"),
        (a_table(rows=12), PLAN, "the training rows are too few"),
    ):
        bench = Bench(table)

        with pytest.raises(InvalidData, match=message):
            bench.train(plan)

        assert (bench.tracker.runs, bench.store.versions()) == ([], ())


class SourceWithOddNames(InMemorySource):
    """Leaves out columns with each character that a terminal interprets in their names, and one with a long name."""

    def load(self, target, features=None, **options):
        odd = (char for code in range(0x10000) if has_control_character(char := chr(code)))
        left_out = [LeftOut(f"a{char}b", f"is missing in {char}.csv") for char in odd]
        return Table(super().load(target, features, **options).rows, (*left_out, LeftOut("a" * 600, "is long")))


def test_version_with_left_out_columns_of_any_name_can_be_read():
    bench = Bench()
    train = replace(bench.train, source=SourceWithOddNames(a_table()))

    version = train(replace(PLAN, features=None)).version

    left_out = from_record(json.loads(json.dumps(to_record(version))), version.name).model.encoding.left_out
    assert left_out[10] == LeftOut("a\\nb", "is missing in \\n.csv")
    assert (left_out[-2].name, left_out[-1].name) == ("a" * 500, "y")


def test_version_whose_record_cannot_be_read_is_not_saved():
    bench = Bench()

    with pytest.raises(InvalidData, match="control character"):
        replace(bench.train, code_revision="a\nb")(PLAN)

    assert (bench.store.versions(), bench.tracker.runs[0].status) == ((), "FAILED")


def interrupt(progress):
    raise KeyboardInterrupt


def test_divergence_and_interruption_end_the_run_and_save_nothing():
    for learner, on_progress, error, status in (
        (SGD.textbook(learning_rate=10.0), None, Diverged, "FAILED"),
        *((sgd, interrupt, KeyboardInterrupt, "KILLED") for sgd in (SGD(), SGD.textbook())),
    ):
        bench = Bench()

        with pytest.raises(error):
            bench.train(replace(PLAN, learner=learner), on_progress)

        assert [run.status for run in bench.tracker.runs] == [status]
        assert bench.store.versions() == ()


def test_challenger_and_champion_are_scored_once_each(tmp_path, monkeypatch):
    table, blocks, reads = a_table(), ParquetRows.blocks, []

    def counted(rows, size, order=None):
        reads.append(len(rows))
        return blocks(rows, size, order)

    monkeypatch.setattr(ParquetRows, "blocks", counted)
    lines = [",".join(map(str, [*row, target])) for row, target in zip(table.features, table.target, strict=True)]
    (tmp_path / "table.csv").write_text("\n".join(["x0,x1,y", *lines]))
    train = replace(Bench().train, source=TableSource(str(tmp_path / "table.csv"), 1))

    for features, scored in ((("x1",), 1), (("x0", "x1"), 2)):
        reads.clear()
        train(replace(PLAN, features=features))
        assert (
            reads.count(10) == 3 + scored
        )  # the held-out rows are validated, and sampled for intervals of scores and rows


def test_interruption_is_delayed_while_the_version_is_registered():
    bench = Bench()
    events = []

    @contextmanager
    def defer_signals():
        events.append(("begin", bench.store.versions(), bench.tracker.runs[0].training is not None))
        yield
        events.append(("end", bench.store.versions(), bench.tracker.runs[0].decision is not None))

    replace(bench.train, defer_signals=defer_signals)(PLAN)

    assert events == [("begin", (), True), ("end", ("1",), True)]


def test_t01_training_is_kept_locally_without_a_second_fit_while_the_registry_is_unavailable():
    for place, statuses in (("tracker", []), ("store", ["FAILED"]), ("store after the fit", ["FAILED"])):
        bench, seen = Bench(), []

        def see(progress, bench=bench, seen=seen):
            seen.append(progress)
            bench.registry.reachable = False

        bench.tracker.failure = TrackerUnavailable("mlflow", "timed out") if place == "tracker" else None
        bench.registry.reachable = place != "store"

        outcome = bench.train(PLAN, see if place == "store after the fit" else seen.append)

        assert isinstance(outcome.unavailable, TrackerUnavailable if place == "tracker" else StoreUnavailable)
        assert (outcome.kept_locally, outcome.decision.promote) == (True, False)
        assert bench.registry.versions == {}
        (run,) = bench.local_tracker.runs
        assert (run.status, run.version) == ("FINISHED", "1")
        assert bench.local_store.load("1").model == outcome.version.model
        assert [progress.passes for progress in seen] == [1]
        assert [run.status for run in bench.tracker.runs] == statuses


def test_t02_decision_stands_when_the_tracker_fails_before_it_is_recorded(mocker):
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
