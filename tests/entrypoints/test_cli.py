"""The command line over adapters in memory: its words, its output, its exit codes."""

import json

import pytest
from dependency_injector import providers

from adapters.memory.experiment_tracker import MemoryRun, MemoryTracker
from adapters.memory.model_store import MemoryModelStore
from domain.errors import BrokenModel, StoreUnavailable, TrackerUnavailable
from entrypoints import signals
from entrypoints.cli.main import run
from entrypoints.container import Container
from tests.diabetes import DATA
from tests.examples import NoCharts, a_lineage, a_model


@pytest.fixture
def container(monkeypatch, tmp_path):
    monkeypatch.setenv("ENDEAVOUR_ARTIFACTS", str(tmp_path / "artifacts"))
    container = Container()
    container.mlflow_store.override(providers.Object(MemoryModelStore()))
    container.mlflow_tracker.override(providers.Object(MemoryTracker()))
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
    """Write a table of 30 rows, with what is given in place of some of its cells or its header."""

    def write(header="a,b,price", cells=()):
        rows = [[f"{row}", f"{row * row % 7}", f"{3 * row + row % 5}"] for row in range(30)]
        for row, column, value in cells:
            rows[row - 1][column] = value
        path = tmp_path / "table.csv"
        path.write_text("\n".join([header, *(",".join(row) for row in rows)]))
        return str(path)

    return write


def test_train_without_options_is_the_default_experiment(endeavour, container):
    code, out, err = endeavour("train")

    assert (code, err) == (0, "")
    assert "progression = 152.919 + 938.238·bmi" in out
    assert "R² 0.4726" in out
    assert "on 20 held-out rows" in out
    assert "promoted: hold-out R² 0.4726 is at least the floor of 0.4; nothing is in production yet" in out
    assert container.store().history().champion == "1"


def test_train_says_it_in_json_for_programs(endeavour):
    code, out, _ = endeavour("train", "--json")

    facts = json.loads(out)
    assert code == 0
    assert facts["promoted"] is True
    assert facts["coefficients"]["bmi"] == pytest.approx(938.2379, abs=1e-3)
    assert facts["scores"]["mse"] == pytest.approx(2548.07, abs=5e-3)
    assert (facts["version"], facts["run_id"], facts["kept_locally"]) == ("1", "1", False)


def test_refused_promotion_is_an_answer_and_no_failure(endeavour):
    endeavour("train")

    code, out, _ = endeavour("train")

    assert code == 0
    assert "refused: its weights are those of version 1" in out


def test_train_takes_anybodys_table(endeavour, table, container):
    code, out, _ = endeavour(
        "train", "--data", table(), "--target", "price", "--features", "b,a", "--holdout", "0.2", "--seed", "7"
    )

    assert code == 0
    assert "on 7 held-out rows" in out
    (version,) = container.store().versions()
    model = container.store().load(version)
    assert model.model.feature_names == ("b", "a")
    assert model.lineage.settings["holdout"] == "random 0.2 of the rows, seed 7"
    assert model.lineage.settings["seed"] == 7


def test_all_features_are_taken_when_none_are_named(endeavour, table, container):
    endeavour("train", "--data", table(), "--target", "price")

    assert container.store().load("1").model.feature_names == ("a", "b")


def test_feature_with_a_comma_in_its_name_goes_in_quotes(endeavour, table, container):
    code, _, _ = endeavour(
        "train", "--data", table('"size, m2",b,price'), "--target", "price", "--features", '"size, m2",b'
    )

    assert code == 0
    assert container.store().load("1").model.feature_names == ("size, m2", "b")


@pytest.mark.parametrize("name", ["target", "y"])
def test_target_goes_without_saying_where_its_column_is_called_so(name, endeavour, table, container):
    code, _, _ = endeavour("train", "--data", table(f"a,b,{name}"))

    assert code == 0
    assert container.store().load("1").lineage.target == name


def test_files_to_judge_by_are_named_and_not_learnt_from(endeavour, tmp_path, container):
    for month in (1, 2, 3):
        rows = [f"{row},{row * row % 7},{3 * row + row % 5}" for row in range(30 * month, 30 * month + 30)]
        (tmp_path / f"2026-0{month}.csv").write_text("\n".join(["a,b,y", *rows]))

    code, out, _ = endeavour("train", "--data", str(tmp_path), "--holdout", str(tmp_path / "2026-03.csv"))

    assert code == 0
    assert "60 rows" in out
    assert "on 30 held-out rows" in out
    assert container.store().load("1").lineage.settings["holdout"] == "the files 2026-03.csv"


def test_table_larger_than_the_budget_is_learnt_from_as_a_stream_with_the_same_answer(endeavour, tmp_path, monkeypatch):
    lines = [f"{row % 13},{row * row % 7},{3 * row % 13 + row % 5}" for row in range(10_000)]
    (tmp_path / "table.csv").write_text("\n".join(["a,b,y", *lines]))
    words = ("train", "--json", "--data", str(tmp_path / "table.csv"))
    in_memory = json.loads(endeavour(*words)[1])
    monkeypatch.setenv("ENDEAVOUR_MEMORY_BUDGET", "1000")
    container = Container()

    streamed = json.loads(endeavour(*words)[1])

    assert container.settings().memory_budget == 1000
    assert streamed["coefficients"] == pytest.approx(in_memory["coefficients"], rel=1e-3)
    assert streamed["scores"] == pytest.approx(in_memory["scores"], rel=1e-4)


def test_textbook_mode_is_a_setting(endeavour):
    _, out, _ = endeavour("train", "--textbook")

    assert "progression = 152.919 + 937.188·bmi" in out
    assert "15,000 passes, stopped by max_passes" in out


def test_learner_settings_reach_the_learner(endeavour, container):
    code, _, err = endeavour("train", "--learning-rate", "0.05", "--batch-size", "20", "--max-passes", "3")
    endeavour("train", "--tol", "0.001", "--batch-size", "20", "--max-passes", "3", "--seed", "4")

    plain, whitened = ({**container.store().load(name).lineage.settings} for name in ("1", "2"))
    expected = {"learning_rate": 0.05, "batch_size": 20, "max_passes": 3, "tol": None, "seed": 0}
    assert plain.items() >= expected.items()
    assert whitened.items() >= (expected | {"learning_rate": None, "tol": 0.001, "seed": 4}).items()
    assert code == 0
    assert "all passes that were allowed are made" in err


TARGET = ("--target", "price")
BAD_TABLES = {
    "text": ({"cells": [(4, 1, "many")]}, TARGET, "row 4, column 'b': 'many' is not a number"),
    "nan": ({"cells": [(4, 2, "nan")]}, TARGET, "row 4, column 'price': nan is not a finite number"),
    "empty cell": ({"cells": [(9, 0, "")]}, TARGET, "row 9, column 'a': the cell is empty"),
    "duplicates": ({"header": "a,a,price"}, TARGET, "column 'a' appears more than once"),
    "constant": (
        {"cells": [(row, 2, "7") for row in range(1, 31)]},
        TARGET,
        "the target 'price' is 7 in every one of the training rows",
    ),
    "no such target": ({}, ("--target", "cost"), "no column 'cost'; the columns are a, b, price"),
    "no such feature": ({}, (*TARGET, "--features", "a,z"), "no column 'z'"),
    "too few rows": ({}, (*TARGET, "--holdout", "28"), "the training rows are too few: 2"),
    "all held out": ({}, (*TARGET, "--holdout", "30"), "the data rows are too few: 30"),
    "target as feature": (
        {},
        (*TARGET, "--features", "a,price"),
        "must be different columns, the target not among them",
    ),
    "target missing": ({}, (), "--data needs --target: which column is to be predicted?"),
    "other digits": ({"cells": [(4, 1, "\u0663")]}, TARGET, "row 4, column 'b': '\u0663' is not a number"),
    "too many cells": ({"cells": [(4, 1, "1,2")]}, TARGET, "Row #5: Expected 3 columns, got 4"),
    "too small": ({"cells": [(row, 2, f"{row}e-300") for row in range(1, 31)]}, TARGET, "too small to square"),
}
BAD_WORDS = {
    "no such file": (("--data", "nowhere.csv", "--target", "y"), "nowhere.csv: no such file"),
    "hold-out of all": (("--holdout", "1.0"), "holdout is 1.0, but must be"),
    "hold-out of none": (("--holdout", "0"), "holdout is 0, but must be"),
    "hold-out by files that are not there": (("--holdout", "some"), "some"),
    "empty hold-out": (("--holdout", ""), "--holdout is empty"),
    "negative hold-out": (("--holdout", "-5"), "holdout is -5.0"),
    "hold-out of no number": (("--holdout", "nan"), "holdout is nan"),
    "empty feature": (("--features", "a,,b"), "--features names an empty column"),
    "negative rate": (("--learning-rate", "-1"), "learning_rate is -1.0, but must be a positive number"),
    "no passes": (("--max-passes", "0"), "0 is not in the range"),
    "negative seed": (("--seed", "-1"), "seed is -1"),
    "seed beyond what formats hold": (("--seed", str(2**64)), "seed is 18446744073709551616"),
    "huge rate": (("--textbook", "--learning-rate", "50"), "learning_rate is 50.0, but must be smaller"),
    "mixed modes": (("--textbook", "--batch-size", "3"), "--textbook goes with"),
    "rate and tolerance": (("--learning-rate", "0.1", "--tol", "1e-3"), "tol is 0.001, but must be left out"),
    "unknown option": (("--colour",), "--colour"),
}


@pytest.fixture
def refused(endeavour, container):
    """Train with words that must be refused, and see that nothing came of it."""

    def train(words, message):
        code, out, err = endeavour("train", *words)

        assert code == 2
        assert out == ""
        assert message in err.splitlines()[-1]
        assert container.store().versions() == ()
        assert all(tracked.status == "FAILED" for tracked in container.tracker().runs)

    return train


@pytest.mark.parametrize(("change", "words", "message"), BAD_TABLES.values(), ids=BAD_TABLES)
def test_bad_data_get_one_clear_line_and_save_nothing(change, words, message, refused, table):
    refused(("--data", table(**change), *words), message)


@pytest.mark.parametrize(("words", "message"), BAD_WORDS.values(), ids=BAD_WORDS)
def test_bad_words_get_one_clear_line_and_save_nothing(words, message, refused):
    refused(words, message)


def test_models_lists_versions_with_their_standing(endeavour):
    endeavour("train", "--textbook")
    endeavour("train")

    code, out, _ = endeavour("models")

    assert code == 0
    lines = [line.split() for line in out.splitlines() if "bmi" in line]
    assert [line[:2] for line in lines] == [["1", "previous"], ["2", "champion"]]
    assert "0.4726" in lines[1]


def test_models_in_json_hold_the_whole_lineage(endeavour):
    endeavour("train")

    _, out, _ = endeavour("models", "--json")

    (model,) = json.loads(out)
    assert (model["name"], model["standing"], model["features"]) == ("1", "champion", ["bmi"])
    assert len(model["lineage"]["data_fingerprint"]) == 64


def test_models_of_an_empty_store_say_where_and_what_to_do(endeavour, tmp_path):
    place = f"sqlite:///{tmp_path}/artifacts/mlflow.db under the name endeavour"

    assert endeavour("models") == (0, f"no models yet in {place}; `endeavour train` makes one\n", "")
    assert json.loads(endeavour("models", "--json")[1]) == []


def test_broken_model_is_listed_as_broken(endeavour, container):
    class Damaged(MemoryModelStore):
        def load(self, version):
            raise BrokenModel(version, "half a file")

    endeavour("train")
    container.mlflow_store.override(providers.Object(Damaged(container.store()._shelf)))

    code, out, _ = endeavour("models")

    assert code == 0
    assert "broken: half a file" in out
    assert json.loads(endeavour("models", "--json")[1]) == [
        {"standing": "champion", "problem": "half a file", "name": "1"}
    ]


def test_promote_and_rollback_by_hand(endeavour, container):
    endeavour("train", "--textbook")
    endeavour("train")

    assert endeavour("rollback") == (0, "in production: 1; before it: nothing\n", "")
    assert endeavour("promote", "2") == (0, "in production: 2; before it: 1\n", "")
    code, out, _ = endeavour("rollback", "--json")

    assert (code, json.loads(out)) == (0, {"champion": "1", "previous": None})
    assert container.store().history().champion == "1"


def test_c11_promotion_of_other_features_exits_with_4_until_it_is_said(endeavour, container):
    endeavour("train")
    other = container.store().save(a_model(1.0, 2.0), a_lineage()).name

    code, out, err = endeavour("promote", other)
    assert (code, out) == (4, "")
    assert f"`endeavour promote {other} --features-may-change`" in err

    assert endeavour("promote", other, "--features-may-change") == (0, f"in production: {other}; before it: 1\n", "")
    assert endeavour("rollback") == (0, "in production: 1; before it: nothing\n", "")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["promote", "77"], "no model version '77'"),
        (["rollback"], "nothing to roll back to"),
        (["predict", "0.2", "--version", "77"], "no model version '77'"),
    ],
)
def test_what_the_store_refuses_exits_with_4(endeavour, words, message):
    code, out, err = endeavour(*words)

    assert (code, out) == (4, "")
    assert message in err


@pytest.mark.parametrize(
    ("rows", "expected"),
    [("0.2", [340.5664]), ("[0.2, 0.5]", [340.5664, 622.0378]), ('{"bmi": 0.2}', [340.5664]), ("[[0.2]]", [340.5664])],
)
def test_predict_answers_with_the_champion(endeavour, rows, expected):
    endeavour("train")

    code, out, _ = endeavour("predict", rows)

    assert code == 0
    assert [float(line) for line in out.splitlines()] == pytest.approx(expected, abs=1e-3)


def test_predict_takes_a_version_and_speaks_json(endeavour):
    endeavour("train", "--textbook")
    endeavour("train")

    _, out, _ = endeavour("predict", "0.2", "--version", "1", "--json")

    facts = json.loads(out)
    assert facts["version"] == "1"
    assert facts["result"] == pytest.approx([937.188 * 0.2 + 152.919], abs=1e-3)


def test_predict_reads_standard_input(endeavour, monkeypatch):
    import io

    endeavour("train")
    monkeypatch.setattr("sys.stdin", io.StringIO("[0.2]"))

    assert endeavour("predict", "-")[0] == 0


@pytest.mark.parametrize("rows", ["", "nonsense", "true", '["0.2"]', "null", "[NaN]", "[[0.1, 0.2]]", '{"bp": 1}'])
def test_predict_refuses_what_is_no_row(endeavour, rows):
    endeavour("train")

    code, out, err = endeavour("predict", rows)

    assert (code, out) == (2, "")
    assert err


def test_predict_without_a_model_says_what_to_do(endeavour):
    code, _, err = endeavour("predict", "0.2")

    assert code == 4
    assert "endeavour train" in err


class Away(MemoryTracker, MemoryModelStore):
    def __init__(self):
        MemoryTracker.__init__(self)
        MemoryModelStore.__init__(self)

    def run(self, settings):
        raise TrackerUnavailable("http://mlflow:5000", "connection refused")

    def versions(self):
        raise StoreUnavailable("http://mlflow:5000", "connection refused")

    history = versions


def test_training_without_mlflow_keeps_everything_locally_and_exits_with_3(endeavour, container, tmp_path):
    container.mlflow_tracker.override(providers.Object(Away()))

    code, out, err = endeavour("train")

    artifacts = tmp_path / "artifacts"
    assert code == 3
    assert err.splitlines() == [
        f"endeavour: http://mlflow:5000 is not available: connection refused; everything is kept under {artifacts}: "
        "train again later"
    ]
    assert "refused: the registry cannot be used" in out
    (weights,) = artifacts.glob("weights/*.csv")
    assert "bmi,938.23" in weights.read_text()
    (run_directory,) = (artifacts / "runs").iterdir()
    assert {path.name for path in run_directory.iterdir()} >= {
        "losses.csv",
        "scores.csv",
        "weights.csv",
        "decision.csv",
    }


class Refusing(Away):
    def run(self, settings):
        raise TrackerUnavailable("http://mlflow:5000", "it answers 401", "check the password")

    def versions(self):
        raise StoreUnavailable("http://mlflow:5000", "it answers 401", "check the password")

    history = versions


def test_what_waiting_does_not_mend_exits_with_4_and_says_what_does(endeavour, container, tmp_path):
    container.mlflow_tracker.override(providers.Object(Refusing()))
    container.mlflow_store.override(providers.Object(Refusing()))
    refusal = "endeavour: http://mlflow:5000 cannot be used: it answers 401; check the password"

    code, _, err = endeavour("train")
    listing = endeavour("models")

    assert (code, err) == (4, f"{refusal}; everything is kept under {tmp_path}/artifacts\n")
    assert listing == (4, "", f"{refusal}\n")


def test_incomplete_record_of_a_judged_model_is_told_and_exits_with_3(endeavour, container, mocker):
    # An edge that is not ours: the tracker's answer to the very last write.
    mocker.patch.object(MemoryRun, "conclude", autospec=True, side_effect=TrackerUnavailable("http://mlflow", "reset"))

    code, out, err = endeavour("train")

    assert code == 3
    assert "promoted" in out
    assert "version 1 is registered and judged, but the record of its run is incomplete" in err
    assert container.store().history().champion == "1"


def test_other_commands_exit_with_3_too_without_mlflow(endeavour, container):
    container.mlflow_store.override(providers.Object(Away()))

    code, _, err = endeavour("models")

    assert code == 3
    assert "http://mlflow:5000 is not available" in err


def test_wrong_setting_is_named(endeavour, monkeypatch):
    monkeypatch.setenv("ENDEAVOUR_PORT", "eighty")

    code, _, err = endeavour("models")

    assert code == 2
    assert err == 'endeavour: Environment variable "ENDEAVOUR_PORT" invalid: Not a valid integer.\n'


@pytest.mark.parametrize(("raised", "code"), [(KeyboardInterrupt, 130), (lambda: signals.Terminated(15), 143)])
def test_interrupted_training_exits_as_signals_do(endeavour, container, mocker, raised, code):
    mocker.patch("domain.sgd.SGD.fit", autospec=True, side_effect=raised())

    assert endeavour("train")[0] == code
    assert [tracked.status for tracked in container.tracker().runs] == ["KILLED"]
    assert container.store().versions() == ()


@pytest.mark.parametrize("command", [[], ["train"], ["serve"], ["models"], ["promote"], ["rollback"], ["predict"]])
def test_help_exists_for_every_command(endeavour, command):
    code, out, _ = endeavour(*command, "--help")

    assert code == 0
    assert "Usage: endeavour" in out


def test_help_tells_the_exit_codes(endeavour):
    assert "MLflow or the disk is not available" in endeavour("--help")[1]


def test_data_of_the_default_experiment_are_in_the_repository():
    assert DATA.exists()
