"""Replicas are real HTTP servers on loopback addresses."""

import pytest

from adapters.prometheus.replica_drifts import PrometheusReplicaDrifts
from tests.adapters.prometheus.test_replica_counts import replica, response
from tests.support.program import free_port

UNLIKE = "its metrics are not those of this release of Endeavour"


def metrics(rows="5.0", looks="2.0", since="1.7e+09", version="7", place="8", count="4.0"):
    of = f'{{version="{version}"}}'
    return (
        f"process_open_fds 12.0\nendeavour_drift_rows{of} {rows}\nendeavour_drift_looks{of} {looks}\n"
        f'endeavour_drift_since_seconds{of} {since}\nendeavour_drift_index{{feature="a"}} 0.5\n'
        f'endeavour_drift_bin_rows{{bin="{place}",version="7"}} {count}\n'
    )


def read(text):
    with replica(response(text)) as port:
        (report,) = PrometheusReplicaDrifts((f"http://127.0.0.1:{port}",)).read()
    return report


def test_window_is_read_from_the_metrics_of_a_host():
    window = read(metrics()).window

    assert (window.version, window.since, window.looks, window.rows) == ("7", 1.7e9, 2, 5)
    assert (window.counts[8], window.counts.sum()) == (4, 4)


def test_host_without_rows_has_no_window():
    report = read("endeavour_workers 2.0\n")

    assert (report.window, report.problem) == (None, "")


@pytest.mark.parametrize(
    "text",
    [
        "process_open_fds 12.0\n",
        metrics(rows="0.5"),
        metrics(looks="0"),
        metrics(since="NaN"),
        metrics(version="8"),
        metrics(place="9999"),
        metrics(place="x"),
        metrics(count="-1"),
        'endeavour_drift_rows{version="7" 1.0\n',
    ],
)
def test_metrics_of_another_form_are_a_problem(text):
    report = read(text)

    assert (report.window, report.problem) == (None, UNLIKE)


def test_host_that_does_not_answer_is_a_problem():
    (report,) = PrometheusReplicaDrifts((f"http://127.0.0.1:{free_port()}",)).read()

    assert report.problem.startswith("the connection was refused")
