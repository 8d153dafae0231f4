"""Batch scoring by the whole program: the bits of the server, kills at any moment, and a full disk."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from adapters.files.csv_weights import CsvWeights
from adapters.files.model_store import FileModelStore
from domain.data.text_formats import FORMATS
from domain.features.category_column import CategoryColumn
from domain.features.datetime_column import DatetimeColumn
from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from domain.features.spline import Spline
from domain.features.target_transform import TargetTransform
from domain.model.calibration import Calibration
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.model.scoring import BOUNDS, PREDICTION
from tests.support.examples import NOON, a_lineage
from tests.support.mixed_tables import moments_of
from tests.support.program import INHERITED, START, Program, free_port, run_command

ROWS = 20_000
PREDICTED = (PREDICTION, *BOUNDS)
DOLLARS = next(form for form in FORMATS if form.kind == "number" and re.match(form.pattern, "$1,234.50"))
DAY_FIRST = next(form for form in FORMATS if form.kind == "datetime" and r"\." in form.pattern)
DAYS = Spline(0.0, 2000.0, (900.0,))
# A program that ends itself as the kernel ends it, at the `{moment}`-th call of a function.
KILLED = """
import os, signal
from {module} import {name} as real
import {module} as module
calls = iter(range(1000))
def killing(*arguments):
    if next(calls) == {moment}:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments)
module.{name} = killing
"""
FULL = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, -1))"


def saved(artifacts, model):
    """Keep the model in the store of files of a data folder, as the champion."""
    store = FileModelStore(artifacts / "weights", CsvWeights())
    calibration = Calibration(9, np.arange(9.0) / 1e6)  # a longer reach would overflow on the logarithmic scale
    version = store.save(ModelVersion("", model, a_lineage(), None, moments_of(model), calibration))
    store.promote(version.name, replacing=None, at=NOON)
    return version


def a_model_of_every_kind():
    columns = (
        NumberColumn("area", fill=80.0, has_gaps=True, spline=Spline(20.0, 200.0, (90.0,)), center=80.0, scale=30.0),
        NumberColumn("rooms", fill=3.0),
        NumberColumn("fee", fill=1e3, format=DOLLARS),
        NumberColumn("new", "boolean", fill=0.0, has_gaps=True),
        CategoryColumn("home city", ("Bergen", "NA", "Ålesund"), ("Moss", "Oslo"), has_gaps=True),
        CategoryColumn("zip", ("0150", "5003")),
        DatetimeColumn("sold", 1.6e9, 1.7e9, DAYS, ("month", "hour"), center=900.0, scale=300.0),
        DatetimeColumn("day", 1.6e9, 1.65e9, DAYS, ("weekday",), has_gaps=True, format=DAY_FIRST),
    )
    encoding = Encoding(columns, ((0, 5), (0, 9)))
    weights = np.random.default_rng(0).normal(size=len(encoding.term_names)) / 1e2
    return LinearModel(weights, 12.0, encoding, TargetTransform(log=True, correction=1.02, low=10.0, high=1e9))


def rows_of_every_kind():
    """Return rows as JSON has them."""
    random = np.random.default_rng(1)
    cities = ("Bergen", "NA", "Ålesund", "Moss", "elsewhere", None)
    for _ in range(ROWS):
        sold = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(random.integers(10**14)))
        day = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=int(random.integers(2000)))
        yield {
            "area": None if random.random() < 0.1 else float(np.float32(random.uniform(0, 250))),
            "rooms": float(Decimal(int(random.integers(10**9))).scaleb(-3)),
            "fee": f"${random.uniform(-9999, 9999):,.2f}".replace("$-", "-$"),
            "new": [True, False, None][random.integers(3)],
            "home city": cities[random.integers(len(cities))],
            "zip": int(random.choice([150, 5003, 17])),
            "sold": sold.isoformat(),
            "day": None if random.random() < 0.1 else f"{day:%d.%m.%Y}",
        }


def typed(rows):
    """Return the same rows as a table with types."""
    cells = {name: [row[name] for row in rows] for name in rows[0]}
    sold = [datetime.fromisoformat(text) for text in cells["sold"]]
    decimals = [Decimal(repr(number)) for number in cells["rooms"]]
    return pa.table(
        {
            "row": list(range(len(rows))),
            "day": cells["day"],
            "area": pa.array(cells["area"], pa.float32()),
            "rooms": pa.array(decimals, pa.decimal128(12, 3)),
            "fee": cells["fee"],
            "new": pa.array(cells["new"], pa.bool_()),
            "home city": pa.array(cells["home city"]).dictionary_encode(),
            "zip": pa.array(cells["zip"], pa.int32()),
            "sold": pa.array(sold, pa.timestamp("us", "UTC")).cast(pa.timestamp("ns", "Europe/Oslo")),
        }
    )


def write_csv(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["row", *rows[0]])
        for number, row in enumerate(rows):
            texts = {**row, "zip": f"{row['zip']:04}"}
            writer.writerow([number, *("" if cell is None else cell for cell in texts.values())])


@pytest.mark.slow
def test_tables_of_every_kind_have_the_bits_of_the_server(tmp_path):
    artifacts, output, rows = tmp_path / "artifacts", tmp_path / "out", list(rows_of_every_kind())
    version = saved(artifacts, a_model_of_every_kind())
    (tmp_path / "in").mkdir()
    parquet.write_table(typed(rows), tmp_path / "in" / "table.parquet", row_group_size=7_000)
    write_csv(tmp_path / "in" / "table.csv", rows)
    settings = {"ENDEAVOUR_DATA_DIR": artifacts, "ENDEAVOUR_STORE": "csv"}

    with Program(artifacts) as server:
        status, headers, body = server.ask("POST", "/batch", {"X": rows, "interval": 0.9})
    shown = [
        run_command(
            "predict",
            "--data",
            f"in/table.{end}",
            "--output",
            "out",
            "--keep",
            "row",
            "--interval",
            "0.9",
            "--json",
            cwd=tmp_path,
            **settings,
        )
        for end in ("parquet", "csv")
    ]

    assert (status, headers["x-model-version"]) == (200, version.name)
    answer = json.loads(body)
    expected = np.column_stack([answer["result"], answer["interval"]])
    scored = parquet.read_table(output / "table.parquet")
    assert np.column_stack([scored[name] for name in PREDICTED]).tobytes() == expected.tobytes()
    assert scored["row"].to_numpy().tolist() == list(range(ROWS))
    with (output / "table.csv").open(newline="") as file:
        header, *lines = csv.reader(file, delimiter=";")
    assert header == ["row", *PREDICTED]
    assert np.array([list(map(float, values)) for _, *values in lines]).tobytes() == expected.tobytes()
    for one in shown:
        facts = json.loads(one.stdout)
        assert (facts["version"], facts["rows"], facts["bad_rows"]) == (version.name, ROWS, 0)
        assert facts["unseen_levels"].keys() == {"home city", "zip"}
        assert facts["filled_values"].keys() == {"area", "new", "home city", "day"}
        filled = {
            name: int(count) for name, count in re.findall(r"([\w ]+);rows=(\d+)", unquote(headers["x-filled-values"]))
        }
        assert facts["filled_values"] == {name.strip(): count for name, count in filled.items()}


def predict(tmp_path, before="", output="out", *more):
    words = [f"{START}"]
    program = [
        sys.executable,
        "-c",
        f"{before}\n{words[0]}",
        "predict",
        "--data",
        "in",
        "--output",
        output,
        "--keep",
        "id",
        *more,
    ]
    env = INHERITED | {"ENDEAVOUR_DATA_DIR": str(tmp_path / "artifacts"), "ENDEAVOUR_STORE": "csv"}
    return subprocess.run(program, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)


def write_plain(tmp_path, files=3, rows=300_000):
    saved(tmp_path / "artifacts", LinearModel([2.0, -1.0], 10.0, ("area", "age")))
    (tmp_path / "in").mkdir()
    random = np.random.default_rng(0)
    for number in range(files):
        columns = {
            "id": np.arange(rows) + number * rows,
            "area": random.normal(size=rows),
            "age": random.normal(size=rows),
        }
        parquet.write_table(pa.table(columns), tmp_path / "in" / f"part-{number}.parquet")


def contents(folder):
    """Return the bytes of all files that a reader of the folder sees."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}


@pytest.mark.slow
def test_killed_run_continues_where_it_ended_and_half_a_file_is_never_seen(tmp_path):
    write_plain(tmp_path)
    assert predict(tmp_path, output="undisturbed").returncode == 0
    whole = contents(tmp_path / "undisturbed")
    moments = [
        *(("entrypoints.cli.progress", "raise_pending_signal", call) for call in (0, 2)),
        ("adapters.host.whole_file", "sync_directory", 0),  # the first file has its name
        ("entrypoints.cli.progress", "raise_pending_signal", 3),
        ("os", "fsync", 0),  # the second file is complete and has no name
        ("entrypoints.cli.progress", "raise_pending_signal", 8),
        ("adapters.host.atomic_write", "sync_directory", 0),  # the mark of the run has its name
    ]

    for module, name, moment in moments:
        killed = predict(tmp_path, KILLED.format(module=module, name=name, moment=moment))

        assert killed.returncode == -signal.SIGKILL, killed.stderr
        seen = contents(tmp_path / "out") if (tmp_path / "out").exists() else {}
        assert seen.items() <= whole.items()
    ended = predict(tmp_path)

    assert ended.returncode == 0, ended.stderr
    assert contents(tmp_path / "out") == whole
    assert sorted(os.listdir(tmp_path / "out")) == ["_SUCCESS", "part-0.parquet", "part-1.parquet", "part-2.parquet"]  # noqa: PTH208  # also names with a dot
    ids = parquet.read_table(tmp_path / "out")["id"].to_numpy()
    assert ids.tolist() == list(range(len(ids)))


@pytest.mark.slow
def test_full_disk_is_reported_and_leaves_nothing(tmp_path):
    write_plain(tmp_path, files=1)

    ended = predict(tmp_path, FULL)

    assert ended.returncode == 3, ended.stderr
    assert "out/part-0.parquet is not available: " in ended.stderr
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.slow
@pytest.mark.xdist_group("dask")
def test_cluster_writes_the_bytes_of_one_process_and_one_that_is_missing_ends_with_8(tmp_path):
    write_plain(tmp_path, rows=1_000)
    predict(tmp_path, "", "here")

    ended = predict(tmp_path, "", "there", "--dask", "local:2")
    absent = f"tcp://127.0.0.1:{free_port()}"
    missing = predict(tmp_path, "", "none", "--dask", absent)
    wrong = predict(tmp_path, "", "none", "--dask", absent, "--keep", "nope")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert contents(tmp_path / "there") == contents(tmp_path / "here")
    assert len(list((tmp_path / "there").iterdir())) == 4
    assert (missing.returncode, missing.stdout, missing.stderr.count("\n")) == (8, "", 1)
    assert "scored files stay" in missing.stderr
    assert (wrong.returncode, "'nope'" in wrong.stderr) == (2, True)
    assert not (tmp_path / "none").exists()
