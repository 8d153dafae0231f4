"""Training from an object store: the same model as from a disk, and a run that fails if an object is replaced."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from tests.support.object_store import bucket, object_store, relayed
from tests.support.program import run_command

__all__ = ["bucket", "object_store"]

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.xdist_group("object store")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A partitioned table in Parquet and in CSV, with text and gaps."""
    random = np.random.default_rng(0)
    for year in (2024, 2025):
        a, kind = random.normal(size=20_000), random.integers(3, size=20_000)
        cells = pa.array(a, mask=random.random(20_000) < 0.01)
        text = pa.array(["x", "y", "z"]).take(pa.array(kind))
        table = pa.table({"a": cells, "kind": text, "target": a + kind + random.normal(size=20_000)})
        for suffix in ("parquet", "csv"):
            (tmp_path / suffix / f"year={year}").mkdir(parents=True)
        parquet.write_table(table, tmp_path / f"parquet/year={year}/t.parquet", row_group_size=2000)
        csv.write_csv(table, tmp_path / f"csv/year={year}/t.csv")
    return tmp_path


@pytest.mark.parametrize("budget", [1000, 10**9])
@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_model_is_that_of_local_files_to_the_bit(folder, bucket, tmp_path, suffix, budget):
    bucket.upload(folder / suffix, "t/")
    models = []
    for number, root in enumerate((f"{folder / suffix}", f"{bucket.place}/t")):
        variables = {"ENDEAVOUR_DATA_DIR": tmp_path / f"models-{number}", "ENDEAVOUR_STORE": "csv"}
        words = ("--data", root, "--holdout", f"{root}/year=2025/*")

        done = run_command(
            "train", "--json", *words, ENDEAVOUR_MEMORY_BUDGET_BYTES=budget, **variables, **bucket.variables
        )

        models.append(json.loads(done.stdout))
    here, there = ({key: model[key] for key in ("coefficients", "intercept", "scores", "features")} for model in models)
    assert there == here


def test_run_records_the_place_and_fails_if_an_object_is_replaced(folder, bucket, tmp_path):
    place, name = f"{bucket.place}/t", "year=2025/t.parquet"
    bucket.upload(folder / "parquet", "t/")
    content = (folder / "parquet" / name).read_bytes()
    variables = {"ENDEAVOUR_DATA_DIR": tmp_path / "artifacts", "ENDEAVOUR_MEMORY_BUDGET_BYTES": 1000}
    with relayed(bucket.endpoint) as relay:
        variables |= bucket.variables | {"AWS_ENDPOINT_URL": relay.endpoint}
        run_command("train", "--json", "--data", place, **variables)
        reads = sum(map(relay.is_read, relay.asked))
        relay.before[reads + reads * 3 // 4] = lambda: bucket.put(f"t/{name}", content[:-1] + b"?")

        done = run_command("train", "--data", place, check=False, **variables)

    assert done.returncode == 2
    assert f"{place}/{name}: it was changed while it was in use" in done.stderr
    with closing(sqlite3.connect(tmp_path / "artifacts" / "mlflow.db")) as database:
        recorded = sorted(database.execute("select status, value from params natural join runs where key = 'data'"))
    assert recorded == [("FAILED", place), ("FINISHED", place)]
