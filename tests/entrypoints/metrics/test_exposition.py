import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse

from domain.mirror_report import RegistryState, RegistryWord
from entrypoints.metrics.exposition import exposition
from entrypoints.metrics.ledger import Ledger
from entrypoints.metrics.tally import BOUNDS, count_outcome, tally
from entrypoints.web.facts import Facts


def a_request(route="/stream", status="200", seconds=0.0002, rows=None, code=None):
    facts = Facts("id", "POST", route, at=0.0)
    facts.route, facts.status, facts.seconds, facts.rows, facts.code = route, status, seconds, rows, code
    return facts


def samples(ledger, accept="", registry=None):
    """Return the value of each sample by name and labels, as Prometheus' own parser has them."""
    body, _ = exposition(ledger, registry, accept)
    families = (parse_openmetrics if accept else parse)(body.decode())
    return {
        (sample.name, *(f"{name}={text}" for name, text in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.fixture
def ledger(shared):
    return Ledger(shared)


def test_requests_are_counted_by_route_and_status(ledger):
    ledger.add(tally([a_request(), a_request(), a_request(status="422", code="not_finite"), a_request("other", "404")]))

    found = samples(ledger)

    assert found["endeavour_requests_total", "route=/stream", "status=200"] == 2
    assert found["endeavour_requests_total", "route=/stream", "status=422"] == 1
    assert found["endeavour_requests_total", "route=other", "status=404"] == 1
    assert found["endeavour_refused_total", "code=not_finite"] == 1


def test_rows_are_added_up(ledger):
    ledger.add(tally([a_request("/batch", rows=1000), a_request("/batch", rows=0), a_request("/batch", rows=5)]))

    assert samples(ledger)["endeavour_rows_total", "route=/batch"] == 1005


def test_durations_are_a_histogram_whose_bounds_belong_to_the_bucket(ledger):
    ledger.add(tally([a_request(seconds=seconds) for seconds in (0.00005, 0.0001, 0.00011, 99.0)]))

    found = samples(ledger)
    below = [found["endeavour_request_duration_seconds_bucket", f"le={bound}", "route=/stream"] for bound in BOUNDS]

    assert below == [2.0] + [3.0] * (len(BOUNDS) - 1)
    assert found["endeavour_request_duration_seconds_bucket", "le=+Inf", "route=/stream"] == 4
    assert found["endeavour_request_duration_seconds_count", "route=/stream"] == 4
    assert found["endeavour_request_duration_seconds_sum", "route=/stream"] == pytest.approx(99.00026)


def test_only_what_is_served_now_is_named(ledger):
    ledger.tell(in_flight=2, version="7", source="registry")
    before = samples(ledger)
    ledger.tell(in_flight=0, version="8", source="cache")
    after = samples(ledger)

    assert before["endeavour_model_info", "source=registry", "version=7"] == 1
    assert before["endeavour_requests_in_flight",] == 2
    assert [key for key in after if key[0] == "endeavour_model_info"] == [
        ("endeavour_model_info", "source=cache", "version=8")
    ]


def test_worker_without_a_model_names_none(ledger):
    ledger.tell(in_flight=0)

    assert not [key for key in samples(ledger) if key[0] == "endeavour_model_info"]
    assert samples(ledger)["endeavour_workers",] == 1


@pytest.mark.parametrize(("state", "up"), [("ok", 1), ("bad", 1), ("features_changed", 1), ("down", 0)])
def test_registry_is_shown_as_it_is_found(ledger, state, up):
    found = samples(ledger, registry=RegistryWord(RegistryState(state), "why", 30.5))

    assert (found["endeavour_registry_up",], found["endeavour_registry_age_seconds",]) == (up, 30.5)
    states = {key[1]: value for key, value in found.items() if key[0] == "endeavour_registry_state"}
    assert states == {f"state={other}": float(other == state) for other in ("ok", "bad", "features_changed", "down")}


def test_registry_that_was_never_heard_has_no_age(ledger):
    found = samples(ledger, registry=RegistryWord(RegistryState.DOWN, "", None))

    assert "endeavour_registry_age_seconds" not in {key[0] for key in found}


def test_without_a_registry_none_is_spoken_of(ledger):
    assert not [key for key in samples(ledger) if "registry" in key[0]]


def test_outcomes_of_the_mirror_are_counted(ledger):
    for outcome in ("confirmed", "failed", "confirmed"):
        count_outcome(ledger, outcome)

    found = samples(ledger)
    assert found["endeavour_mirror_outcomes_total", "outcome=confirmed"] == 2
    assert found["endeavour_mirror_outcomes_total", "outcome=failed"] == 1


@pytest.mark.parametrize("version", ["; version=1.0.0", "", "; version=x", "; version=9; escaping=x"])
def test_openmetrics_is_spoken_when_asked_for(ledger, version):
    accept = f"text/html, application/openmetrics-text{version}"
    ledger.add(tally([a_request(rows=1)]))
    assert exposition(ledger, None, accept)[1].startswith("application/openmetrics-text; version=1.0.0")
    assert samples(ledger, accept)["endeavour_requests_total", "route=/stream", "status=200"] == 1


@pytest.mark.parametrize("accept", ["", "*/*", "text/html", "ä\n"])
def test_any_other_wish_is_answered_with_text(ledger, accept):
    assert exposition(ledger, None, accept)[1].startswith("text/plain")
