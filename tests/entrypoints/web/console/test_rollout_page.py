"""Rollout page: its buttons and sheets, its evidence, and its transitions."""

import re
from dataclasses import replace
from datetime import timedelta

from adapters.memory.traffic_log import InMemoryTrafficLog
from domain.delivery.order import AnsweredOrder, OrderAction
from domain.delivery.rollout import Phase
from domain.delivery.transition import Move, Transition
from domain.monitoring.catalog import Catalog
from domain.monitoring.change import What, newest, rollout_changes
from tests.support.examples import NOON, a_model
from tests.support.monitoring import a_change
from tests.support.orders import an_order
from tests.support.rollouts import STARTED, a_served_rollout, in_rollout
from tests.support.web.console_session import ConsoleSession, order_forms, words
from tests.support.web.console_states import console_states
from tests.support.web.dependencies import monitoring, served_models


def test_buttons_are_those_that_make_sense_in_the_phase(web, session):
    held = {"held": "x", "held_at": STARTED}
    for changes, pauses, links in (
        ({"phase": Phase.PREFLIGHT, "stage": 0}, {"pause"}, {"abort"}),
        ({"phase": Phase.SHADOW, "stage": 0}, {"pause"}, {"abort", "promote"}),
        (held, {"resume"}, {"abort", "promote"}),
        ({"phase": Phase.WATCH, "stage": 6}, {"pause"}, {"abort", "promote"}),
        ({"phase": Phase.PROMOTING}, set(), {"abort"}),
        ({"phase": Phase.ABORTING}, set(), set()),
    ):
        web.current_model.replace(in_rollout(a_model(), a_served_rollout(a_model(951.5), **changes)))

        page = session.client.get("/console/rollout").text
        sheets = {act: order_forms(session.client.get(f"/console/rollout?act={act}").text) for act in links}

        assert set(order_forms(page)) == pauses, changes
        assert set(re.findall(r'href="rollout\?act=(\w+)#act"', page)) == links
        assert all(act in sheet for act, sheet in sheets.items())


def test_sheet_of_a_promotion_lists_what_is_not_shown_and_how_the_models_differ(web, session):
    text = words(session.client.get("/console/rollout?act=promote").text)

    assert "Skipped steps: 10 %, 25 %, 50 %." in text
    assert "Difference: predictions change by" in text
    assert "The tests of this stage have not been evaluated yet." in text


def test_pages_without_a_rollout_or_a_model_name_the_next_step(web, with_versions):
    idle = words(with_versions().client.get("/console/rollout").text)
    web.current_model.withdraw("nothing was promoted")
    signed_in = ConsoleSession(web)

    assert "No rollout. Version 1 answers every request." in idle
    assert "endeavour rollout start VERSION" in idle
    assert "Cannot predict: no model is loaded." in words(signed_in.client.get("/console/rollout").text)
    assert signed_in.client.get("/console/versions").status_code == 200


def test_rollout_page_shows_tests_with_their_evidence(web, session):
    results = [
        {
            "name": "failures",
            "verdict": verdict,
            "counts": {"candidate": 1, "baseline": 0, "of": 433},
            "limit": limit,
            "log_harm": 1.0,
            "log_pass": 2.0,
            "needed": 44,
            "unit": "pairs",
        }
        for verdict, limit in (("pass", 0.05), ("inconclusive", 0.05), ("fail", 0.05), ("inconclusive", None))
    ]
    analysis = {"results": [*results, {**results[0], "name": "of another release"}], "verdict": "pass", "why": "x"}
    order = AnsweredOrder(an_order(1, OrderAction.PAUSE), "the rollout is held already")
    served = a_served_rollout(a_model(951.5), weight=500, stage=2, analysis=analysis, orders=(order,))
    web.current_model.replace(in_rollout(a_model(), served))

    text = words(session.client.get("/console/rollout?act=promote").text)

    assert all(tag in text for tag in ("passes", "about 44 more", "fails", "no failure so far", "2.72 of"))
    assert "433 pairs; challenger 1, champion 0" in text
    assert not any(word in text for word in ("candidate", "baseline", "excluded, and"))
    assert "Not shown so far: failures (about 44 more)." in text
    assert "Pause, ignored: the rollout is held already night (key ops-2): too slow" in text


def test_rollout_page_shows_its_transitions_and_those_of_the_last_rollout_with_who_and_why(web, session):
    transitions = (
        Transition(NOON, Move.START, by="kim@host"),
        Transition(NOON + timedelta(minutes=1), Move.SHADOW, why="2 of 2 replicas have verified the challenger."),
        Transition(NOON + timedelta(minutes=2), Move.STEP, 500),
        Transition(NOON + timedelta(minutes=3), Move.HOLD, 500, "night asked to pause: <low> traffic.", "night"),
    )
    served = a_served_rollout(a_model(951.5), weight=500, stage=2, transitions=transitions)
    web.current_model.replace(in_rollout(a_model(), served))
    under_way = words(session.client.get("/console/rollout").text)
    end = a_change(4, What.ABORTED, challenger="2", version="1", by="kim", why="kim asked to abort: late.")
    other = a_change(5, What.PROMOTE, version="3", by="kim@host")
    catalog = Catalog(at=NOON, changes=newest(*rollout_changes("2", transitions), end, other))
    web.current_model.replace(served_models(a_model(), "1"))
    after = replace(web, **monitoring(web.current_model, InMemoryTrafficLog(), catalog))
    over = words(ConsoleSession(after).client.get("/console/rollout").text)

    for text in (under_way, over):
        assert "preflight kim@host" in text
        assert "preflight → shadow controller: 2 of 2 replicas have verified the challenger." in text
        assert "shadow → 5 % controller" in text
        assert "5 % → held night asked to pause: <low> traffic." in text
    assert ("held → aborted kim asked to abort: late." in over, "aborted kim" in under_way) == (True, False)


def test_rollout_page_answers_while_the_figures_cannot_be_read():
    web = console_states()["no-figures"]()
    web.current_model.replace(in_rollout(a_model(), a_served_rollout(a_model(951.5), weight=500, stage=2)))

    page = ConsoleSession(web).client.get("/console/rollout")

    assert (page.status_code, "A rollout is under way." in page.text) == (200, True)
