import io
import json
from dataclasses import replace

import pytest

from domain.model.calibration import Calibration
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from tests.support.examples import a_lineage, a_model
from tests.support.mixed_tables import example_encoding


def test_predict_answers_with_the_champion_or_a_version(endeavour, monkeypatch):
    endeavour("train", "--holdout", "21")
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


def test_predict_rejects_what_is_no_row_and_counts_rows_from_1(endeavour, container):
    container.store().save(ModelVersion("", a_model(), a_lineage()))

    for rows, message in (
        *((text, "JSON") for text in ("", "nonsense", "[NaN]")),
        *((text, "row 1") for text in ("true", '["0.2"]', "null", "[[0.1, 0.2]]", '{"bp": 1}')),
        ('[0.2, "0.2"]', "row 2"),
        ("[0.2, [0.1, 0.2]]", "row 2"),
    ):
        code, out, err = endeavour("predict", rows, "--version", "1")

        assert (code, out) == (2, ""), rows
        assert message in err, rows


def test_predict_takes_a_negative_number_and_names_an_unknown_option(endeavour, container):
    container.store().save(ModelVersion("", a_model(), a_lineage()))

    expected = endeavour("predict", "[-0.5]", "--version", "1")[1]
    for words in (["-0.5", "--version", "1"], ["--version", "1", "-0.5"], ["--version", "1", "--", "-5e-1"]):
        assert endeavour("predict", *words) == (0, expected, "")
    for words in (["0.5", "--verison", "1"], ["-0.5", "--verison", "1"], ["-0.5", "-x"]):
        code, _, err = endeavour("predict", *words)
        assert (code, words[1] in err) == (2, True)


def test_predict_explains_rows_of_every_kind(endeavour, container):
    encoding = example_encoding(products=())
    effects = {"area": 2.0, "new": -50.0, "home city=Bergen": 7.0}
    model = LinearModel([effects.get(name, 0.0) for name in encoding.term_names], 100.0, encoding)
    container.store().save(ModelVersion("", model, a_lineage()))
    row = {"area": 81, "new": True, "home city": "Bergen", "sold": "2024-05-01"}

    _, text, _ = endeavour("predict", json.dumps(row), "--version", "1", "--explain")
    _, facts, _ = endeavour("predict", json.dumps([row]), "--version", "1", "--explain", "--json")
    code, _, err = endeavour("predict", json.dumps([row, row | {"sold": "May"}]), "--version", "1")

    assert text.split() == ["219.0", "+260", "typical", "values", "-50", "new", "+7", "home", "city", "+2", "area"]
    explained = json.loads(facts)
    assert (explained["result"], explained["base"]) == ([219.0], 260.0)
    assert explained["contributions"] == [{"area": 2.0, "new": -50.0, "home city": 7.0, "sold": 0.0}]
    assert code == 2
    assert "row 2" in err


def test_predict_shows_and_writes_intervals(endeavour, container, tmp_path):
    version = ModelVersion("", LinearModel([2.0], 1.0, ("x",)), a_lineage(), None, None, Calibration(9, range(9)))
    container.store().save(version)
    container.store().save(replace(version, calibration=None))
    (tmp_path / "in.csv").write_text("x\n3\n")
    words, out = ("--version", "1", "--interval", "0.9"), str(tmp_path / "out")

    _, text, _ = endeavour("predict", "[3, 4]", *words)
    _, explained, _ = endeavour("predict", "3", *words, "--explain")
    _, facts, _ = endeavour("predict", "3", *words, "--json")
    code, _, _ = endeavour("predict", "--data", str(tmp_path / "in.csv"), "--output", out, *words)

    assert text.splitlines() == ["7.0 [-1.0, 15.0]", "9.0 [1.0, 17.0]"]
    assert explained.splitlines()[0] == "7.0 [-1.0, 15.0]"
    assert json.loads(facts)["interval"] == [[-1.0, 15.0]]
    assert code == 0
    assert (tmp_path / "out" / "in.csv").read_text().splitlines()[1] == "7,-1,15"
    for words, message in (
        (("--version", "2"), "train again"),
        (("--version", "1", "--interval", "1"), "0.99"),
        (("--interval", "nan"), "number"),
    ):
        code, out, err = endeavour("predict", "3", "--interval", "0.9", *words)
        assert (code, out) == (2, "")
        assert message in err


def test_predict_scores_a_table_with_a_version_and_counts_what_is_bad_unseen_or_filled(endeavour, container, tmp_path):
    encoding = example_encoding(products=())
    model = LinearModel([1.0] * len(encoding.term_names), 100.0, encoding)
    container.store().save(ModelVersion("", model, a_lineage()))
    lines = ["8,1,Moss,2024-05-01", ",0,Rome,2024-05-02", "9,,Moss,2024-05-03"]
    (tmp_path / "in.csv").write_text("\n".join(["area,new,home city,sold", *lines]))
    words = ("predict", "--data", str(tmp_path / "in.csv"), "--output", str(tmp_path / "out"), "--version", "1")

    code, _, err = endeavour(*words)
    assert code == 2
    assert err.endswith("rows with `--on-bad-row null`\n")
    assert "in.csv, line 4, column 'new': is empty" in err
    _, text, _ = endeavour(*words, "--on-bad-row", "null", "--keep", "area,sold")
    code, facts, _ = endeavour(*words, "--on-bad-row", "null", "--keep", "area,sold", "--json")

    assert code == 0
    assert text.splitlines() == [
        "version  1",
        "scored   3 rows in 1 file",
        "null     1 row without a prediction: new 1",
        "unseen   rows with a text that the training rows lack: home city 1",
        "filled   rows with an empty cell: area 1",
        f"output   {tmp_path}/out",
    ]
    assert json.loads(facts) == {
        "version": "1",
        "digest": model.digest,
        "output": f"{tmp_path}/out",
        "files": 1,
        "kept_files": 1,
        "rows": 3,
        "bad_rows": 1,
        "bad_cells": {"new": 1},
        "unseen_levels": {"home city": 1},
        "filled_values": {"area": 1},
    }
    assert (tmp_path / "out" / "in.csv").read_text().splitlines()[-1] == "9,2024-05-03,"


def test_predict_takes_either_rows_or_a_table_and_only_options_of_that(endeavour, tmp_path):
    table = ("--data", "in.csv")

    for words, message in (
        ((), "either ROWS or --data"),
        (("0.2", *table), "either ROWS or --data"),
        (("0.2", "--keep", "id"), "--keep goes with --data"),
        (("0.2", "--on-bad-row", "null"), "--on-bad-row goes with --data"),
        (("0.2", "--overwrite"), "--overwrite goes with --data"),
        (("0.2", "--dask", "local:2"), "--dask goes with --data"),
        ((*table, "--output", "out", "--dask", "here"), "local:"),
        (table, "--data needs --output"),
        ((*table, "--output", "out", "--explain"), "--explain goes with ROWS"),
        ((*table, "--output", "out", "--keep", "a,,b"), "--keep names an empty column"),
        ((*table, "--output", "out"), "no model"),
    ):
        code, out, err = endeavour("predict", *words)

        assert (code, out) == (4 if message == "no model" else 2, ""), words
        assert message in err, words
