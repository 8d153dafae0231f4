import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from domain.monitoring.column_drift import MIN_INDEX
from tests.adapters.prometheus.test_replica_counts import replica, response
from tests.support.diabetes import DATA
from tests.support.mlflow.servers import answering
from tests.support.program import free_port


@pytest.fixture
def shifted(tmp_path):
    """A function that writes the diabetes data with a larger feature, and returns the path."""

    def write(more, column="bmi"):
        with DATA.open() as file:
            rows = list(csv.DictReader(file))
        path = tmp_path / "later.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows({**row, column: float(row[column]) + more} for row in rows)
        return str(path)

    return write


def test_same_data_have_not_drifted(endeavour, shifted):
    endeavour("train")

    code, out, err = endeavour("drift", "--data", shifted(0.0))

    version, compared, drifted, _, header, bmi, predictions = out.splitlines()
    assert (code, err) == (0, "")
    assert version == "version   1, with 370 of its training rows"
    assert (compared, drifted) == ("compared  442 rows", "drifted   no column")
    assert header.split() == ["column", "PSI", "expected", "verdict", "what", "changed"]
    assert (bmi.split()[0], predictions.split()[0]) == ("bmi", "(prediction)")
    assert "as in training" in bmi
    assert "as in training" in predictions


def test_shifted_data_have_drifted_with_exit_code_5(endeavour, shifted):
    endeavour("train")

    code, out, _ = endeavour("drift", "--data", shifted(0.03), "--version", "1")
    as_json = endeavour("drift", "--data", shifted(0.03), "--json")

    facts = json.loads(as_json[1])
    bmi, predictions = facts["columns"]
    assert (code, as_json[0]) == (5, 5)
    assert (facts["version"], facts["rows"], facts["unusable_cells"]) == ("1", 442, {})
    assert facts["drifted"] == ["bmi", "(prediction)"]
    assert (bmi["kind"], predictions["kind"], bmi["verdict"]) == ("number", "prediction", "drifted")
    assert bmi["psi"] - bmi["expected_psi"] > MIN_INDEX
    assert bmi["evidence"] > bmi["level"]
    assert bmi["change"].startswith("more values from ")
    assert bmi["change"] in out
    assert "drifted   bmi, (prediction)" in out


def test_table_without_rows_is_refused_and_missing_predictions_are_named(endeavour, tmp_path):
    endeavour("train")
    (tmp_path / "none.csv").write_text("bmi\n")
    (tmp_path / "empty.csv").write_text("bmi,x\n" + ",1\n" * 50)

    code, _, err = endeavour("drift", "--data", str(tmp_path / "none.csv"))
    _, out, _ = endeavour("drift", "--data", str(tmp_path / "empty.csv"))

    assert (code, "no rows to compare" in err) == (2, True)
    assert "more empty cells (100 %, in training 0 %)" in out
    assert "more rows without a prediction (100 %, in training 0 %)" in out


def test_server_with_keys_takes_one_from_a_file_and_one_without_rows_has_none(
    endeavour, container, tmp_path, monkeypatch
):
    endeavour("train")
    key, metrics = tmp_path / "key", b"endeavour_workers 2.0\n"
    key.write_text("secret\n")

    def answer(handler):
        asked = handler.headers["Authorization"] == "Bearer secret"
        handler.reply(200 if asked else 401, metrics if asked else b"")

    with answering(answer) as url:
        monkeypatch.setenv("ENDEAVOUR_REPLICAS", url)
        container.settings.reset()
        code, out, _ = endeavour("drift", "--key-file", str(key))
        without, _, err = endeavour("drift")

    assert (code, "compared  no rows yet" in out, "drifted" in out) == (0, True, False)
    assert (without, "a key of the role metrics by --key-file" in err) == (3, True)
    for content, words in (("a\nb", ()), ("", ()), ("ü", ()), ("secret", ("--data", "x.csv"))):
        key.write_text(content)
        assert endeavour("drift", "--key-file", str(key), *words)[0] == 2


def test_unusable_cells_are_named(endeavour, shifted):
    path = Path(shifted(0.0))
    header, first, *rest = path.read_text().splitlines()
    bmi = header.split(",").index("bmi")
    cells = first.split(",")
    cells[bmi] = "large"
    path.write_text("\n".join([header, ",".join(cells), *rest]))
    endeavour("train")

    code, out, _ = endeavour("drift", "--data", str(path))

    assert (code, "unusable  cells that count as empty: bmi 1" in out) == (0, True)


def test_version_without_distributions_and_store_without_versions_are_refused(endeavour, container, shifted):
    code, _, err = endeavour("drift", "--data", shifted(0.0))
    assert (code, "`endeavour train` makes and promotes one" in err) == (4, True)
    endeavour("train")
    store = container.mlflow_store()
    store.save(replace(store.champion(), distributions=None))

    code, _, err = endeavour("drift", "--data", shifted(0.0), "--version", "2")

    assert code == 4
    assert "version 2 keeps no distributions of its training rows; `endeavour train` makes a version" in err


def metrics(version, values):
    """Return the metrics of a server that has answered these values of the only feature."""
    column, of = np.array(values)[:, np.newaxis], f'{{version="{version.name}"}}'
    counts = version.distributions.count(column, version.model.predict(column)).tolist()
    lines = [f"endeavour_drift_rows{of} {len(values)}", f"endeavour_drift_looks{of} 1"]
    lines += [f"endeavour_drift_since_seconds{of} 1.7e+09"]
    lines += [
        f'endeavour_drift_bin_rows{{bin="{place}",version="{version.name}"}} {n}' for place, n in enumerate(counts)
    ]
    return "\n".join([*lines, ""])


def test_rows_of_all_servers_are_compared(endeavour, container, monkeypatch):
    endeavour("train")
    version = container.mlflow_store().champion()
    with (
        replica(response(metrics(version, [0.06] * 30))) as first,
        replica(response(metrics(version, [0.07] * 40))) as second,
        replica(response("endeavour_workers 2.0\n")) as third,
    ):
        silent = free_port()
        ports = (first, second, third, silent)
        monkeypatch.setenv("ENDEAVOUR_REPLICAS", ",".join(f"http://127.0.0.1:{port}" for port in ports))
        container.settings.reset()
        code, out, _ = endeavour("drift")
        as_json = json.loads(endeavour("drift", "--json")[1])

    assert code == 5
    assert f"server    127.0.0.1:{first}: 30 rows of version 1\n" in out
    assert f"server    127.0.0.1:{third}: no rows\n" in out
    assert f"server    127.0.0.1:{silent}: not read: the connection was refused" in out
    assert "compared  70 rows since 2023-11-14 22:13:20 UTC\n" in out
    assert (as_json["rows"], as_json["drifted"], len(as_json["replicas"])) == (70, ["bmi", "(prediction)"], 4)


def test_no_server_that_answers_is_unavailable_and_options_of_a_table_need_one(endeavour, container, monkeypatch):
    code, _, err = endeavour("drift")
    assert (code, "`endeavour train` makes and promotes one" in err) == (4, True)
    endeavour("train")
    monkeypatch.setenv("ENDEAVOUR_REPLICAS", f"http://127.0.0.1:{free_port()}")
    container.settings.reset()

    code, _, err = endeavour("drift")

    assert (code, "`endeavour serve` starts a server here" in err) == (3, True)
    code, _, err = endeavour("drift", "--na", "x")
    assert (code, "--na goes with --data" in err) == (2, True)
