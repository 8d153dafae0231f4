import json

import pytest

from entrypoints.container import Container

TARGET = ("--target", "price")


def test_options_describe_the_plan_and_those_that_are_left_out_have_defaults(endeavour, table):
    holdout, seeded = "random 0.2 of the rows, seed 0", ("--features", "b,a", "--holdout", "0.3", "--seed", "7")
    for header, options, expected in (
        ("a,b,price", TARGET, ("b", "price", holdout)),  # a is the number of the row
        ("a,b,price", (*TARGET, "--exclude", "b", "--as", "category:a"), ("a", "price", holdout)),
        ("a,b,price", (*TARGET, *seeded), ("b, a", "price", "random 0.3 of the rows, seed 7")),
        ('"size, m2",b,price', (*TARGET, "--features", '"size, m2",b'), ("size, m2, b", "price", holdout)),
        ("a,b,target", (), ("b", "target", holdout)),
        ("a,b,y", ("--holdout", "10"), ("b", "y", "last 10 rows")),
    ):
        plan = json.loads(endeavour("train", "--dry-run", "--json", "--data", table(header), *options)[1])

        assert (plan["features"], plan["target"], plan["holdout"]) == expected


def test_files_of_held_out_rows_are_named_and_not_learned_from(endeavour, table, tmp_path):
    for month in (1, 2, 3):
        table("a,b,y", name=f"2026-0{month}.csv", rows=range(30 * month, 30 * month + 30))

    words = ("train", "--dry-run", "--json", "--data", str(tmp_path), "--holdout", str(tmp_path / "2026-03.csv"))
    plan = json.loads(endeavour(*words)[1])

    assert (plan["train_rows"], plan["holdout_rows"], plan["holdout"]) == (60, 30, "the files 2026-03.csv")


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


def test_learner_options_reach_the_learner(endeavour, container):
    code, _, err = endeavour("train", "--learning-rate", "0.05", "--batch-size", "20", "--max-passes", "3")
    endeavour("train", "--tol", "0.001", "--batch-size", "20", "--max-passes", "3", "--seed", "4")
    _, textbook, _ = endeavour("train", "--textbook")

    plain, whitened = ({**container.store().load(name).lineage.settings} for name in ("1", "2"))
    expected = {"learning_rate": 0.05, "batch_size": 20, "max_passes": 3, "tol": None, "seed": 0}
    assert plain.items() >= expected.items()
    assert whitened.items() >= (expected | {"learning_rate": None, "tol": 0.001, "seed": 4}).items()
    assert code == 0
    assert "raise max_passes" in err
    assert "progression = 152.919 + 937.188·bmi" in textbook
    assert "15,000 passes, stopped by max_passes" in textbook


def test_bad_data_and_options_get_one_clear_line_and_save_nothing(endeavour, table, container):
    # One of each kind; the tests of the domain and of the tables try which data and options are usable.
    for table_of, words, message in (
        ({"cell": (4, 1, "inf")}, TARGET, "column 'b': 'inf' is infinite"),
        ({"cell": (4, 1, "1,2")}, TARGET, "has 4 cells, and the header has 3"),
        ({"header": "a,a,price"}, (*TARGET, "--features", "a"), "column 'a'"),
        ({}, (*TARGET, "--as", "text:a"), "--as is a list of KIND:COLUMN"),
        ({}, (*TARGET, "--penalty", "-1"), "penalty is '-1', but must be a number of at least 0, or auto"),
        ({}, (*TARGET, "--textbook", "--terms", "auto"), "plain gradient descent takes the columns as they are"),
        ({}, ("--target", "cost"), "no column 'cost'; the columns are 'a', 'b', 'price'"),
        ({}, (*TARGET, "--holdout", "28"), "the training rows are too few: 2"),
        ({}, (*TARGET, "--features", "a,price"), "different columns, at least one, and not the target"),
        ({}, (), "--data needs --target: which column is to be predicted? The columns are 'a', 'b', 'price'"),
        (None, ("--data", "absent.csv", "--target", "y"), "absent.csv: no such file"),
        (None, ("--holdout", "some"), "some: no such file"),
        (None, ("--holdout", ""), "--holdout is empty"),
        (None, ("--holdout", "0"), "holdout is 0, but must be"),
        (None, ("--features", ""), "--features names an empty column"),
        (None, ("--seed", str(2**64)), "seed is 18446744073709551616"),
        (None, ("--max-passes", "0"), "0 is not in the range"),
        (None, ("--textbook", "--learning-rate", "50"), "learning_rate is 50.0, but must be smaller"),
        (None, ("--textbook", "--batch-size", "3"), "--textbook goes with"),
        (None, ("--learning-rate", "0.1", "--tol", "1e-3"), "tol is 0.001, but must be left out"),
        (None, ("--color",), "--color"),
    ):
        code, out, err = endeavour("train", *(() if table_of is None else ("--data", table(**table_of))), *words)

        assert (code, out) == (2, ""), words
        assert message in err.splitlines()[-1]
    assert container.store().versions() == ()
    assert all(tracked.status == "FAILED" for tracked in container.tracker().runs)
