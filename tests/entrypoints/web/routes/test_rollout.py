"""Rollout routes: the state at this host, and requests to the controller."""

import os
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.memory.key_store import InMemoryKeyStore
from adapters.prometheus.replica_report import replica_report
from adapters.shared_memory.rollout_stop import RolloutStop
from application.access.issue_key import IssueKey
from domain.access.api_key import Role
from domain.delivery.counts import RolloutCounts
from domain.delivery.order import MAX_WHY_CHARACTERS
from domain.delivery.transition import Move, Transition
from entrypoints.web.app import create_app
from tests.support.examples import NOON, SteppingClock, a_model
from tests.support.rollouts import a_served_rollout, in_rollout
from tests.support.web.dependencies import web_dependencies

SERVED = a_served_rollout(a_model(900.0), weight=500, stage=2)
ROLLOUT = SERVED.rollout
FOLLOWED = in_rollout(a_model(), SERVED)
REFUSED = replace(FOLLOWED, rollout=None, challenger_problem="version 2 is damaged")
WITHOUT = in_rollout(a_model(), None)


@pytest.fixture
def stop():
    return RolloutStop()


@pytest.fixture
def web(stop):
    web = web_dependencies()
    return replace(web, give_order=replace(web.give_order, stop=stop.stop))


@pytest.fixture
def client(web):
    keys = InMemoryKeyStore()
    key = IssueKey(keys, SteppingClock(), os.urandom)("night", [Role.OPERATE, Role.METRICS]).text
    web.active_keys.ring = keys.ring()
    client = create_app(web).test_client()
    client.environ_base["HTTP_X_API_KEY"] = key
    return client


def test_state_and_what_the_host_makes_of_it_are_shown(web, client):
    transitions = (Transition(NOON, Move.START, by="kim@host"), Transition(NOON, Move.STEP, 500, "passed"))
    started = replace(ROLLOUT, transitions=transitions, started_at=web.give_order.clock() - timedelta(minutes=5))
    compared = replace(started, counts=RolloutCounts(pairs=300_000))
    web.current_model.replace(in_rollout(a_model(), replace(SERVED, rollout=compared)))
    later = client.get("/rollout").json
    web.current_model.replace(FOLLOWED)
    followed = client.get("/rollout").json

    web.current_model.replace(REFUSED)
    refused = client.get("/rollout").json

    assert {**followed, "host": None} == {**refused, "host": None}
    assert (followed["id"], followed["phase"], followed["stage"], followed["weight"]) == (ROLLOUT.id, "canary", 2, 5)
    assert [(each["move"], each["weight"], each["by"]) for each in later["transitions"]] == [
        ("start", 0, "kim@host"),
        ("step", 5, "controller"),
    ]
    assert (later["time_left"][:31], followed["time_left"]) == ("If the evidence holds, the roll", "")
    assert followed["host"] == {"ready": True, "problem": "", "weight": 5}
    assert refused["host"] == {"ready": False, "problem": "version 2 is damaged", "weight": 0}


def test_request_is_offered_to_the_controller_and_an_abort_stops_this_host(web, client, stop):
    web.current_model.replace(FOLLOWED)
    for action, stopped in (("pause", False), ("abort", True)):
        answer = client.post(f"/rollout/{action}", json={"why": "prices doubled"})

        assert (answer.status_code, answer.json) == (202, {"rollout": ROLLOUT.id, "action": action})
        assert stop.is_stopped(ROLLOUT.id) is stopped
    assert not stop.is_stopped("another")
    offered = replica_report("a", client.get("/metrics").text).orders
    assert {(order.action, order.rollout, order.why) for order in offered} == {
        (action, ROLLOUT.id, "prices doubled") for action in ("pause", "abort")
    }
    resumed = client.post("/rollout/resume", json={"why": "prices doubled"})
    assert (resumed.status_code, resumed.json["code"]) == (409, "order_refused")


def test_request_without_a_rollout_or_a_reason_is_refused(web, client, stop):
    web.current_model.replace(WITHOUT)
    without = [client.get("/rollout"), client.post("/rollout/abort", json={"why": "prices doubled"})]

    web.current_model.replace(FOLLOWED)
    for body, code in (
        ({}, "missing_field"),
        ({"why": " "}, "wrong_type"),
        ({"why": 1}, "wrong_type"),
        ({"why": "\x1b[31m"}, "wrong_type"),
        ({"why": "x" * (MAX_WHY_CHARACTERS + 1)}, "wrong_type"),
        ({"why": "x", "by": "me"}, "unknown_field"),
        ([], "not_object"),
    ):
        answer = client.post("/rollout/abort", json=body)

        assert (answer.status_code, answer.json["code"]) == (400, code), body
    assert [(answer.status_code, answer.json["code"]) for answer in without] == 2 * [(404, "not_found")]
    assert client.post("/rollout/promote", json={"why": "x"}).status_code == 404
    web.active_keys.ring = None
    without_keys = client.post("/rollout/abort", json={"why": "x"})
    assert (without_keys.status_code, without_keys.json["code"]) == (403, "orders_need_keys")
    assert not stop.is_stopped(ROLLOUT.id)
