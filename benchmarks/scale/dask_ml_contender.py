"""dask-ml's `LinearRegression` on a cluster of this machine, in an environment of its own; prints what a fit took.

Usage: dask_ml_contender.py FOLDER WORKERS
"""

import json
import sys
import time
from pathlib import Path

import dask
import dask.array as da
import numpy as np
from dask_ml.linear_model import LinearRegression
from distributed import Client, LocalCluster, wait
from pyarrow import parquet

from benchmarks.scale.loopback import loopback_bytes, raise_loopback


def read(path: str) -> np.ndarray:
    """Return the table with its target, the last column."""
    return np.column_stack([column.to_numpy() for column in parquet.read_table(path).columns])


def loaded(folder: str) -> da.Array:
    """Return the table in the memory of the workers, one chunk a file."""
    paths = sorted(map(str, Path(folder).iterdir()))
    footers = [parquet.read_metadata(path) for path in paths]
    shapes = [(footer.num_rows, footer.num_columns) for footer in footers]
    chunks = [
        da.from_delayed(dask.delayed(read)(path), shape, np.float64) for path, shape in zip(paths, shapes, strict=True)
    ]
    return da.concatenate(chunks).persist()


def main(folder: str, workers: str) -> None:
    raise_loopback()
    cluster = LocalCluster(n_workers=int(workers), threads_per_worker=1, dashboard_address=None, host="127.0.0.1")
    with cluster, Client(cluster):
        began, sent = time.perf_counter(), loopback_bytes()
        wait(table := loaded(folder))
        in_memory = time.perf_counter()
        model = LinearRegression(solver="lbfgs").fit(table[:, :-1], table[:, -1])
        seconds, fit_seconds = time.perf_counter() - began, time.perf_counter() - in_memory
        answer = [*map(float, model.coef_), float(model.intercept_)]
        megabytes = (loopback_bytes() - sent) / 1e6
    print(json.dumps({"seconds": seconds, "fit_seconds": fit_seconds, "megabytes": megabytes, "answer": answer}))


if __name__ == "__main__":
    main(*sys.argv[1:])
