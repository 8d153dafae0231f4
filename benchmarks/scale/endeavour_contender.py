"""The learner on a cluster of this machine; prints what a second fit took, as in a training that runs longer.

Usage: endeavour_contender.py FOLDER WORKERS
"""

import json
import sys
import time

from adapters.dask.cluster import DaskCluster
from benchmarks.scale.cluster_turns import rows_there
from benchmarks.scale.loopback import loopback_bytes, raise_loopback
from domain.learning.sgd import SGD


def main(folder: str, workers: str) -> None:
    raise_loopback()
    with DaskCluster(f"local:{workers}") as cluster:
        SGD().fit(rows_there(folder, cluster.rounds()))  # workers import their modules at the first one
        began, sent = time.perf_counter(), loopback_bytes()
        model = SGD().fit(rows_there(folder, cluster.rounds())).model
        seconds, megabytes = time.perf_counter() - began, (loopback_bytes() - sent) / 1e6
    answer = [*map(float, model.coefficients), float(model.intercept)]
    print(json.dumps({"seconds": seconds, "fit_seconds": seconds, "megabytes": megabytes, "answer": answer}))


if __name__ == "__main__":
    main(*sys.argv[1:])
