"""The command line over adapters in memory: its options, its output, its exit codes."""

import io
import json

import pytest
from dependency_injector import providers

from adapters.memory.experiment_tracker import InMemoryRun, InMemoryTracker
from adapters.memory.model_store import InMemoryModelStore
from domain.errors import StoreUnavailable, TrackerUnavailable
from domain.model.errors import CorruptModel
from domain.model.model_version import ModelVersion
from entrypoints import signals
from entrypoints.cli.main import run
from entrypoints.container import Container
from tests.support.examples import NoCharts, a_lineage, a_model

# A second model of the diabetes data.
OTHER = ("train", "--holdout", "21")


@pytest.fixture
def container(monkeypatch, tmp_path):
    monkeypatch.setenv("ENDEAVOUR_DATA_DIR", str(tmp_path / "artifacts"))
    container = Container()
    container.mlflow_store.override(providers.Object(InMemoryModelStore()))
    container.mlflow_tracker.override(providers.Object(InMemoryTracker()))
    container.charts.override(providers.Object(NoCharts()))
    return container


@pytest.fixture
def endeavour(container, capsys):
    """Run a command and return its exit code, standard output and standard error."""

    def command(*words):
        code = run(words, container)
        out, err = capsys.readouterr()
        return code, out, err

    return command


@pytest.fixture
def table(tmp_path):
    """Write a table of 30 rows or more, under a header, with one cell replaced."""

    def write(header="a,b,price", cell=None, name="table.csv", rows=range(30)):
        lines = [[f"{row}", f"{row * row % 7}", f"{3 * row + row % 5}"] for row in rows]
        if cell:
            row, column, value = cell
            lines[row - 1][column] = value
        path = tmp_path / name
        path.write_text("\n".join([header, *map(",".join, lines)]))
        return str(path)

    return write


def test_train_without_options_is_the_default_experiment(endeavour, container):
    code, out, err = endeavour("train")

    assert (code, err) == (0, "")
    assert "progression = 152.919 + 938.238·bmi" in out
    assert "R² 0.4726" in out
    assert "on 20 held-out rows" in out
    assert out.splitlines()[-2:] == [
        "decision  promoted: nothing is in production yet",
        "          hold-out R² 0.4726 meets the threshold of 0.4",
    ]
    assert container.store().history().champion == "1"


def test_train_prints_json_and_a_refused_promotion_is_no_failure(endeavour):
    code, out, _ = endeavour("train", "--json")

    facts = json.loads(out)
    assert code == 0
    assert facts["promoted"] is True
    assert facts["coefficients"]["bmi"] == pytest.approx(938.2379, abs=1e-3)
    assert facts["scores"]["mse"] == pytest.approx(2548.07, abs=5e-3)
    assert (facts["version"], facts["run_id"], facts["kept_locally"]) == ("1", "1", False)

    code, out, _ = endeavour("train")
    assert code == 0
    assert "not promoted: its weights are those of version 1" in out


def test_train_takes_any_table(endeavour, table, container):
    code, out, _ = endeavour(
        "train", "--data", table(), "--target", "price", "--features", "b,a", "--holdout", "0.2", "--seed", "7"
    )

    assert code == 0
    assert "on 7 held-out rows" in out
    model = container.store().load("1")
    assert model.model.feature_names == ("b", "a")
    assert model.lineage.settings["holdout"] == "random 0.2 of the rows, seed 7"
    assert model.lineage.settings["seed"] == 7


@pytest.mark.parametrize(
    ("header", "options", "features", "target"),
    [
        ("a,b,price", ("--target", "price"), ("a", "b"), "price"),
        ('"size, m2",b,price', ("--target", "price", "--features", '"size, m2",b'), ("size, m2", "b"), "price"),
        ("a,b,target", (), ("a", "b"), "target"),
        ("a,b,y", (), ("a", "b"), "y"),
    ],
)
def test_features_and_target_may_be_left_out_or_quoted(endeavour, table, container, header, options, features, target):
    code, _, _ = endeavour("train", "--data", table(header), *options)

    model = container.store().load("1")
    assert code == 0
    assert (model.model.feature_names, model.lineage.target) == (features, target)


def test_files_to_judge_by_are_named_and_not_learned_from(endeavour, table, tmp_path, container):
    for month in (1, 2, 3):
        table("a,b,y", name=f"2026-0{month}.csv", rows=range(30 * month, 30 * month + 30))

    code, out, _ = endeavour("train", "--data", str(tmp_path), "--holdout", str(tmp_path / "2026-03.csv"))

    assert code == 0
    assert "60 rows" in out
    assert "on 30 held-out rows" in out
    assert container.store().load("1").lineage.settings["holdout"] == "the files 2026-03.csv"


def test_table_larger_than_the_budget_is_streamed_with_the_same_answer(endeavour, tmp_path, monkeypatch):
    lines = [f"{row % 13},{row * row % 7},{3 * row % 13 + row % 5}" for row in range(10_000)]
    (tmp_path / "table.csv").write_text("\n".join(["a,b,y", *lines]))
    words = ("train", "--json", "--data", str(tmp_path / "table.csv"))
    in_memory = json.loads(endeavour(*words)[1])
    monkeypatch.setenv("ENDEAVOUR_MEMORY_BUDGET_BYTES", "1000")

    streamed = json.loads(endeavour(*words)[1])

    assert Container().settings().memory_budget_bytes == 1000
    assert streamed["coefficients"] == pytest.approx(in_memory["coefficients"], rel=1e-3)
    assert streamed["scores"] == pytest.approx(in_memory["scores"], rel=1e-4)


def test_learner_settings_reach_the_learner(endeavour, container):
    code, _, err = endeavour("train", "--learning-rate", "0.05", "--batch-size", "20", "--max-passes", "3")
    endeavour("train", "--tol", "0.001", "--batch-size", "20", "--max-passes", "3", "--seed", "4")
    _, textbook, _ = endeavour("train", "--textbook")

    plain, whitened = ({**container.store().load(name).lineage.settings} for name in ("1", "2"))
    expected = {"learning_rate": 0.05, "batch_size": 20, "max_passes": 3, "tol": None, "seed": 0}
    assert plain.items() >= expected.items()
    assert whitened.items() >= (expected | {"learning_rate": None, "tol": 0.001, "seed": 4}).items()
    assert code == 0
    assert "all passes that were allowed are made" in err
    assert "progression = 152.919 + 937.188·bmi" in textbook
    assert "15,000 passes, stopped by max_passes" in textbook


TARGET = ("--target", "price")


# One of each kind; which data and settings are usable is tried where the domain and the tables are.
@pytest.mark.parametrize(
    ("table_of", "words", "message"),
    [
        ({"cell": (4, 1, "many")}, TARGET, "table.csv, row 4, column 'b': 'many' is not a number"),
        ({"cell": (4, 2, "nan")}, TARGET, "table.csv, row 4, column 'price': nan is not a finite number"),
        ({"cell": (4, 1, "1,2")}, TARGET, "Row #5: Expected 3 columns, got 4"),
        ({"header": "a,a,price"}, TARGET, "column 'a' appears more than once"),
        ({}, ("--target", "cost"), "no column 'cost'; the columns are a, b, price"),
        ({}, (*TARGET, "--holdout", "28"), "the training rows are too few: 2"),
        ({}, (*TARGET, "--features", "a,price"), "must be different columns, the target not among them"),
        ({}, (), "--data needs --target: which column is to be predicted?"),
        (None, ("--data", "nowhere.csv", "--target", "y"), "nowhere.csv: no such file"),
        (None, ("--holdout", "some"), "some: no such file"),
        (None, ("--holdout", ""), "--holdout is empty"),
        (None, ("--holdout", "nan"), "holdout is nan, but must be"),
        (None, ("--holdout", "0"), "holdout is 0, but must be"),
        (None, ("--features", "a,,b"), "--features names an empty column"),
        (None, ("--features", ""), "--features names an empty column"),
        (None, ("--seed", str(2**64)), "seed is 18446744073709551616"),
        (None, ("--max-passes", "0"), "0 is not in the range"),
        (None, ("--textbook", "--learning-rate", "50"), "learning_rate is 50.0, but must be smaller"),
        (None, ("--textbook", "--batch-size", "3"), "--textbook goes with"),
        (None, ("--learning-rate", "0.1", "--tol", "1e-3"), "tol is 0.001, but must be left out"),
        (None, ("--colour",), "--colour"),
    ],
)
def test_bad_data_and_options_get_one_clear_line_and_save_nothing(
    endeavour, table, container, table_of, words, message
):
    data = () if table_of is None else ("--data", table(**table_of))

    code, out, err = endeavour("train", *data, *words)

    assert (code, out) == (2, "")
    assert message in err.splitlines()[-1]
    assert container.store().versions() == ()
    assert all(tracked.status == "FAILED" for tracked in container.tracker().runs)


def test_models_lists_versions_with_their_role_and_lineage(endeavour):
    endeavour(*OTHER)
    endeavour("train")

    code, out, _ = endeavour("models")
    listed = json.loads(endeavour("models", "--json")[1])

    assert code == 0
    header, *lines = out.splitlines()
    assert header.split() == ["version", "R²", "RMSE", "features", "trained", "run"]
    assert [line.split()[:2] for line in lines] == [["1", "previous"], ["2", "champion"]]
    assert "  0.4726  50.4784  bmi  " in lines[1]
    assert [(model["name"], model["role"]) for model in listed] == [("1", "previous"), ("2", "champion")]
    assert listed[1]["features"] == ["bmi"]
    assert len(listed[1]["lineage"]["data_fingerprint"]) == 64


def test_models_of_an_empty_store_say_where_and_what_to_do(endeavour, tmp_path):
    place = f"sqlite:///{tmp_path}/artifacts/mlflow.db under the name endeavour"

    assert endeavour("models") == (0, f"no models yet in {place}; `endeavour train` makes one\n", "")
    assert json.loads(endeavour("models", "--json")[1]) == []


def test_broken_model_is_listed_as_broken(endeavour, container):
    class Damaged(InMemoryModelStore):
        def load(self, version):
            raise CorruptModel(version, "half a file")

    endeavour("train")
    container.mlflow_store.override(providers.Object(Damaged(container.store()._state)))

    code, out, _ = endeavour("models")

    assert code == 0
    assert "broken: half a file" in out
    assert json.loads(endeavour("models", "--json")[1]) == [{"role": "champion", "problem": "half a file", "name": "1"}]


def test_promote_and_rollback_by_hand(endeavour, container):
    endeavour(*OTHER)
    endeavour("train")
    other = container.store().save(ModelVersion("", a_model(1.0, 2.0), a_lineage())).name

    assert endeavour("rollback") == (0, "in production: 1; before it: nothing\n", "")
    assert endeavour("promote", "2") == (0, "in production: 2; before it: 1\n", "")
    code, out, err = endeavour("promote", other)
    assert (code, out) == (4, "")
    assert f"`endeavour promote {other} --allow-feature-change`" in err
    assert endeavour("promote", other, "--allow-feature-change") == (0, f"in production: {other}; before it: 2\n", "")
    code, out, _ = endeavour("rollback", "--json")

    assert (code, json.loads(out)) == (0, {"champion": "2", "previous": "1"})
    assert container.store().history().champion == "2"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["promote", "77"], "no model version '77'"),
        (["rollback"], "nothing to roll back to"),
        (["predict", "0.2", "--version", "77"], "no model version '77'"),
        (["predict", "0.2"], "endeavour train"),
    ],
)
def test_what_the_store_refuses_exits_with_4(endeavour, words, message):
    code, out, err = endeavour(*words)

    assert (code, out) == (4, "")
    assert message in err


def test_predict_answers_with_the_champion_or_a_version(endeavour, monkeypatch):
    endeavour(*OTHER)
    endeavour("train")
    monkeypatch.setattr("sys.stdin", io.StringIO("[0.2]"))

    for rows, expected in (
        *(("0.2", [340.5664]), ("[0.2, 0.5]", [340.5664, 622.0378]), ('{"bmi": 0.2}', [340.5664])),
        *(("[[0.2]]", [340.5664]), ("-", [340.5664]), ("[]", [])),
    ):
        code, out, _ = endeavour("predict", rows)
        assert code == 0
        assert [float(line) for line in out.splitlines()] == pytest.approx(expected, abs=1e-3)
    facts = json.loads(endeavour("predict", "0.2", "--version", "1", "--json")[1])
    assert facts["version"] == "1"
    assert facts["result"] == pytest.approx([340.3168], abs=1e-3)


@pytest.mark.parametrize("rows", ["", "nonsense", "true", '["0.2"]', "null", "[NaN]", "[[0.1, 0.2]]", '{"bp": 1}'])
def test_predict_refuses_what_is_no_row(endeavour, container, rows):
    container.store().save(ModelVersion("", a_model(), a_lineage()))

    code, out, err = endeavour("predict", rows, "--version", "1")

    assert (code, out) == (2, "")
    assert err


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


@pytest.mark.parametrize(
    ("why", "code", "told", "again"),
    [
        (("connection refused",), 3, "is not available: connection refused", ": train again later"),
        (("it answers 401", "check the password"), 4, "cannot be used: it answers 401; check the password", ""),
    ],
)
def test_training_without_mlflow_keeps_everything_locally(endeavour, container, tmp_path, why, code, told, again):
    container.mlflow_tracker.override(providers.Object(Unavailable(*why)))
    container.mlflow_store.override(providers.Object(Unavailable(*why)))
    refusal = f"endeavour: http://mlflow:5000 {told}"
    artifacts = tmp_path / "artifacts"

    ended, out, err = endeavour("train")

    assert (ended, err) == (code, f"{refusal}; everything is kept under {artifacts}{again}\n")
    assert "not promoted: the registry cannot be used" in out
    (weights,) = artifacts.glob("weights/*.csv")
    assert "bmi,938.23" in weights.read_text()
    (folder,) = (artifacts / "runs").iterdir()
    assert {path.name for path in folder.iterdir()} >= {"losses.csv", "scores.csv", "weights.csv", "decision.csv"}
    assert endeavour("models") == (code, "", f"{refusal}\n")


def test_incomplete_record_of_a_judged_model_is_reported_and_exits_with_3(endeavour, container, mocker):
    # An edge that is not ours: the tracker's answer to the very last write.
    mocker.patch.object(
        InMemoryRun, "conclude", autospec=True, side_effect=TrackerUnavailable("http://mlflow", "reset")
    )

    code, out, err = endeavour("train")

    assert code == 3
    assert "promoted" in out
    assert "version 1 is registered and judged, but the record of its run is incomplete" in err
    assert container.store().history().champion == "1"


def test_wrong_setting_is_named(endeavour, monkeypatch):
    monkeypatch.setenv("ENDEAVOUR_PORT", "eighty")

    code, _, err = endeavour("models")

    assert code == 2
    assert err == 'endeavour: Environment variable "ENDEAVOUR_PORT" invalid: Not a valid integer.\n'


@pytest.mark.parametrize(("raised", "code"), [(KeyboardInterrupt, 130), (lambda: signals.Terminated(15), 143)])
def test_interrupted_training_exits_as_signals_do(endeavour, container, mocker, raised, code):
    mocker.patch("domain.learning.sgd.SGD.fit", autospec=True, side_effect=raised())

    assert endeavour("train")[0] == code
    assert [tracked.status for tracked in container.tracker().runs] == ["KILLED"]
    assert container.store().versions() == ()


def test_help_exists_for_every_command_and_lists_the_exit_codes(endeavour):
    for command in ([], ["train"], ["serve"], ["models"], ["promote"], ["rollback"], ["predict"], ["doctor"], ["keys"]):
        code, out, _ = endeavour(*command, "--help")
        assert code == 0
        assert "Usage: endeavour" in out
    assert "MLflow is not available" in endeavour("--help")[1]
