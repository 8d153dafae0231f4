from itertools import product

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse

from domain.delivery.sync_report import RegistryState, RegistryStatus
from entrypoints.observability.metrics.exposition import exposition
from entrypoints.observability.metrics.series import DURATION_BUCKETS_SECONDS

SUMS = {
    ("http_requests", "/stream", "200"): 3,
    ("http_requests", "other", "404"): 1,
    ("http_errors", "not_found"): 1,
    ("predictions", "/stream"): 1005,
    # Below the first bound and within the second, and beyond the last.
    ("durations", "/stream", "0"): 1,
    ("durations", "/stream", "1"): 1,
    ("durations", "/stream", str(len(DURATION_BUCKETS_SECONDS))): 1,
    ("seconds", "/stream"): 99.5,
    ("registry_sync", "confirmed"): 2,
    ("log_lines_dropped",): 0,
}


def samples(sums=None, states=(), registry=None, accept=""):
    """Return the value of each sample by name and labels, as Prometheus' own parser has them."""
    body, _ = exposition(sums or {}, states, registry, accept)
    families = (parse_openmetrics if accept else parse)(body.decode())
    return {
        (sample.name, *(f"{name}={text}" for name, text in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.mark.parametrize("accept", ["", "application/openmetrics-text; version=1.0.0"])
def test_sums_are_counters_and_a_histogram(accept):
    buckets = {
        ("endeavour_http_request_duration_seconds_bucket", f"le={bound}", "route=/stream"): min(number + 1, 2)
        for number, bound in enumerate(DURATION_BUCKETS_SECONDS)
    }

    assert samples(SUMS, accept=accept) == {
        ("endeavour_http_requests_total", "route=/stream", "status=200"): 3,
        ("endeavour_http_requests_total", "route=other", "status=404"): 1,
        ("endeavour_http_errors_total", "code=not_found"): 1,
        ("endeavour_predictions_total", "route=/stream"): 1005,
        **buckets,
        ("endeavour_http_request_duration_seconds_bucket", "le=+Inf", "route=/stream"): 3,
        ("endeavour_http_request_duration_seconds_count", "route=/stream"): 3,
        ("endeavour_http_request_duration_seconds_sum", "route=/stream"): 99.5,
        ("endeavour_registry_sync_total", "outcome=confirmed"): 2,
        ("endeavour_log_lines_dropped_total",): 0,
        ("endeavour_workers",): 0,
        ("endeavour_requests_in_flight",): 0,
    }


def test_workers_are_counted_and_each_model_in_service_is_named():
    served = {"version": "8", "source": "cache"}

    found = samples(states=[{"in_flight": 2}, {"in_flight": 1, **served}, {"in_flight": 0, **served}])

    assert found == {
        ("endeavour_workers",): 3,
        ("endeavour_requests_in_flight",): 3,
        ("endeavour_model_info", "source=cache", "version=8"): 1,
    }


def test_registry_is_measured_in_every_state():
    for state, (seconds, problem) in product(RegistryState, [(30.5, ""), (None, "no space left")]):
        found = samples(registry=RegistryStatus(state, "why", seconds, problem))

        assert found["endeavour_registry_up",] == (state is not RegistryState.UNREACHABLE)
        assert found["endeavour_local_copy_ok",] == (not problem)
        assert found.get(("endeavour_registry_last_contact_age_seconds",)) == seconds
        states = {key[1]: value for key, value in found.items() if key[0] == "endeavour_registry_state"}
        assert states == {f"state={other}": float(other is state) for other in RegistryState}


def test_format_is_openmetrics_only_for_clients_that_accept_it():
    for accept in ("text/html, application/openmetrics-text; version=9; escaping=x", "application/openmetrics-text"):
        assert exposition({}, [], None, accept)[1].startswith("application/openmetrics-text; version=1.0.0")
    for accept in ("", "*/*", "text/html", "ä\n"):
        assert exposition({}, [], None, accept)[1].startswith("text/plain")
