"""Pages in each state of the service: what they show, and that all of them answer."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.monitoring.change import Change, What
from domain.monitoring.facts import Drifted
from entrypoints.web.app import create_app
from entrypoints.web.console.pages import console_pages
from entrypoints.web.console.traffic_chart import MIN_PERIODS, counted, traffic_chart
from tests.support.examples import NOON
from tests.support.web.console_session import words
from tests.support.web.console_states import console_states

STATES = console_states()


@pytest.fixture
def shown():
    """A function that returns the text of a page in a state."""

    def show(state, path=""):
        response = create_app(STATES[state]()).test_client().get(f"/console/{path}")
        assert response.status_code == 200, (state, path)
        return response.text

    return show


def verdict(text):
    found = re.search(r'verdict (\w+)".*?<h1 id="verdict-word">(.*?)</h1>', text, re.DOTALL)
    return found[1], words(found[2])


def test_overview_begins_with_the_verdict_of_its_state(shown):
    expected = {
        "no-model": ("bad", "Cannot predict: no model is loaded."),
        "new": ("well", "Ready. Version 1 predicts progression from bmi, bp."),
        "well": ("well", "Healthy. Version 1 serves."),
        "busy": ("busy", "Healthy. Version 1 serves, and version 2 answers 1 % of the requests."),
        "held": ("warn", "The rollout of version 2 is held at 1 % of the requests."),
        "failing": ("bad", "200 of 1 250 requests failed in the last 5 minutes."),
        "risen": ("warn", "The error of version 1 has risen above that of its held-out rows."),
        "away": ("warn", "Version 1 serves, but the registry has been away for 6 minutes."),
        "no-figures": ("warn", "The figures cannot be read now."),
    }

    assert {state: verdict(shown(state)) for state in expected} == expected


def test_every_page_answers_in_every_state_within_its_budget():
    sizes = {}
    for state, make in STATES.items():
        web = make()
        client = create_app(web).test_client()
        for page in console_pages(web):
            text = client.get(f"/console/{page.path}").text
            sizes[state, page.path] = len(text.encode())
            assert "None" not in words(text), (state, page.path)

    assert max(sizes.values()) < 30_000, sizes


def test_overview_before_the_first_request_has_no_empty_figures(shown):
    text = shown("new")

    assert 'class="card figure"' not in text
    assert "No complete minute of this hour has a prediction request" in text
    assert text.index("Ask it yourself") < text.index("Requests a minute by version")


def test_figures_of_the_last_minutes_and_of_both_versions_are_shown(shown):
    text = words(shown("busy"))

    assert "Failed 0 of 1 260 in 5 min" in text
    assert re.search(r"1 champion 1 200 0 [\d.]+ ms 0\.4726", text)
    assert "2 challenger 60 0 – 0.4726" in text  # fewer than 100 requests have no quantile
    assert re.search(r"Time to answer [\d.]+ ms for 99 of 100", text)


def test_figures_of_all_hosts_are_shown_and_the_silent_one_is_named(shown):
    text = words(shown("fleet"))

    assert "Requests 12 a second in the last minute, 2 of 3 hosts" in text
    assert "0 of 1 200 requests failed on web-1 in the last 5 minutes." in text
    assert "Failed 0 of 3 600 in 5 min" in text
    assert "1 champion other hosts" in text
    assert "10.244.118.204:9100 1 silent 40.0 s" in text
    assert "figures of 2 of 3 hosts, read up to 4 seconds ago; without 10.244.118.204:9100" in text
    assert "Who answers on web-1" in text


def test_less_than_a_request_a_second_is_counted_by_the_minute(shown):
    assert "Requests 4 a second" in words(shown("well"))
    assert "Requests 5 a minute" in words(shown("quiet"))


def test_stage_whose_controller_has_a_later_clock_has_not_begun(shown):
    assert "Time in this stage 0 s of at least 10 min" in words(shown("held", "rollout"))


def test_registry_that_is_away_is_no_alarm_and_failures_are(shown):
    assert "bad" not in re.findall(r'class="card verdict (\w+)"', shown("away"))
    assert "(no version)" in shown("failing", "monitoring")


def test_chart_of_a_young_server_begins_with_its_start_and_its_table_has_all_requests(shown):
    web = STATES["well"]()
    figures = web.show_figures()
    for minutes in (1, 20, 60):
        young = counted(replace(figures, since=figures.at - timedelta(minutes=minutes)))
        charted = max(minutes, MIN_PERIODS)

        assert (len(young.total), young.first) == (charted, figures.at - timedelta(minutes=charted))
        assert sum(row.by_layer[0] for row in traffic_chart(young, "1", "", ()).table) == 240 * charted


def test_requests_without_a_version_are_gray_and_no_challenger(shown):
    for path in ("", "monitoring"):
        text = shown("failing", path)

        assert '<span class="ver soft">no version</span>' in text
        assert "challenger" not in words(text)
        assert text.count('<path class="fb"') == 1  # of the mark in the head


def test_changes_of_the_hour_have_numbers_on_the_chart(shown):
    text = shown("well")

    (number,) = re.findall(r'<text class="strong"[^>]*>(\d+)</text>', text)
    assert f'<span class="sr">mark </span>{number}</span>The server on web-1 was started.' in text


def test_texts_of_people_in_changes_are_shown_as_text(mocker):
    web = STATES["well"]()
    hostile = "<img src=x onerror=alert(1)>"
    web.list_changes.host_changes.add(Change(at=NOON, what=What.PROMOTE, version="7", by=hostile, why=f"for {hostile}"))

    text = create_app(web).test_client().get("/console/").text

    assert "<img" not in text
    assert text.count("&lt;img src=x onerror=alert(1)&gt;") == 2


def test_monitoring_shows_an_hour_or_a_day(shown):
    hour, day = words(shown("busy", "monitoring")), words(shown("busy", "monitoring?minutes=1440"))

    assert "1 14 400 0 0 14 400" in hour
    assert "Last 24 hours" in day
    assert "Requests by version in the last hour, by minute" in hour
    assert re.search(r"Requests by version since \d+ \w+ 11:00 UTC, by 15 minutes", day), (
        "an hour after the first start"
    )
    assert re.search(r"By version since \d+ \w+ 11:00 UTC", day)
    assert "Last hour" in words(shown("busy", "monitoring?minutes=99"))


def test_drift_and_errors_of_labels_are_on_the_axis_of_the_traffic(shown):
    risen, without = shown("risen", "monitoring"), words(shown("well", "monitoring"))

    assert "Drift index at most 1.2 above expectation, drift from 0.1; 2 columns" in words(risen)
    assert re.search(r"Error of labels mean 500 of 120 labels, [\d.]+ of held-out rows", words(risen))
    assert re.search(r"ms 120 500 ", words(risen))
    assert risen.count('<path class="lsoft"') == 2
    assert "at most 1.2" in words(shown("risen", "monitoring?minutes=1440"))
    assert "no rows were compared in this time" in without
    assert "no label came in this time A client that asks with X-Feedback: 1 gets a token" in without


def test_monitoring_compares_the_rows_with_the_training_rows(shown):
    drifted, older = shown("mixed", "monitoring"), words(shown("well", "monitoring"))

    assert "the last 500 counted rows of version 1, compared with 700 training rows" in words(drifted)
    assert re.search(r"area drifted [\d.]+ [\d.]+ more", words(drifted))
    assert "Version 1 has no counts of its training rows: train again." in older
    assert "No model is loaded." in words(shown("no-model", "monitoring"))


def test_overview_of_drifted_requests_links_to_the_comparison():
    web = STATES["mixed"]()
    drifted = replace(web.report_status, drifted=lambda: Drifted(("area", "(prediction)")))

    text = create_app(replace(web, report_status=drifted)).test_client().get("/console/").text

    assert verdict(text) == ("warn", "Requests differ from the training rows in area and in the predictions.")
    assert '<a class="button" href="monitoring#drift">' in text
