"""Order routes: what is accepted, from whom, and what has become of it."""

import os

import pytest

from adapters.memory.key_store import InMemoryKeyStore
from adapters.prometheus.replica_report import replica_report
from application.access.issue_key import IssueKey
from domain.access.api_key import Role
from tests.support.examples import SteppingClock, a_model
from tests.support.orders import order_id
from tests.support.rollouts import a_served_rollout, in_rollout
from tests.support.web.dependencies import served_models

ROLLOUT = a_served_rollout(a_model(900.0), weight=500, stage=2)
SEEN = ROLLOUT.rollout.seen


@pytest.fixture
def headers(web):
    """Headers of a key that may give orders."""
    store = InMemoryKeyStore()
    key = IssueKey(store, SteppingClock(), os.urandom)("night", [Role.OPERATE]).text
    web.active_keys.ring = store.ring()
    return {"X-API-Key": key}


@pytest.fixture
def give(web, client, headers):
    web.current_model.replace(in_rollout(a_model(), ROLLOUT))
    return lambda **body: client.post("/rollout/orders", json=body, headers=headers)


def test_order_is_offered_to_the_controller_with_its_key_and_followed(web, give, client, headers):
    accepted = give(action="promote", seen=SEEN, why=" it is fine ", id=order_id(7))
    again = give(action="promote", seen=SEEN, why="it is fine", id=order_id(7))
    other = give(action="abort", seen=SEEN, why="it is fine", id=order_id(7))
    drawn = give(action="pause", seen=SEEN)

    (promote,) = [order for order in web.give_order.pending() if order.id == order_id(7)]
    progress = client.get(f"/rollout/orders/{promote.id}", headers=headers)
    offered = replica_report("a", web.metrics.scrape("")[0].decode()).orders
    assert (accepted.status_code, accepted.json, again.json) == (202, {"id": promote.id}, {"id": promote.id})
    assert (other.status_code, other.json["code"]) == (409, "order_refused")
    assert (promote.by, promote.why) == (f"night (key {headers['X-API-Key'].partition('.')[0]})", "it is fine")
    assert {order.id for order in offered} == {promote.id, drawn.json["id"]}
    assert (progress.json["state"], progress.json["action"]) == ("asked", "promote")
    assert client.get("/rollout/orders/1", headers=headers).json["code"] == "not_found"


def test_order_that_does_not_fit_does_nothing(web, give):
    for body, status, code in (
        ({"action": "abort", "seen": "champion:1"}, 409, "outdated"),
        ({"action": "promote", "seen": SEEN}, 409, "order_refused"),
        ({"action": "delete", "seen": SEEN}, 400, "wrong_type"),
        ({"action": "abort", "seen": 1}, 400, "wrong_type"),
        ({"action": "abort", "seen": SEEN, "why": "x" * 201}, 400, "wrong_type"),
        ({"action": "abort", "seen": SEEN, "why": "\u202efine"}, 400, "wrong_type"),
        ({"action": "abort", "seen": SEEN, "why": "\u200b"}, 400, "wrong_type"),
        ({"action": "abort", "seen": SEEN, "why": 1}, 400, "wrong_type"),
        ({"action": "abort", "seen": SEEN, "id": "1"}, 400, "wrong_type"),
        ({"action": "abort"}, 400, "missing_field"),
        ({"action": "abort", "seen": SEEN, "by": "me"}, 400, "unknown_field"),
    ):
        answer = give(**body)

        assert (answer.status_code, answer.json["code"]) == (status, code), body
    assert web.give_order.pending() == ()


def test_no_one_gives_orders_without_keys(web, client):
    web.current_model.replace(served_models(a_model(), "1"))

    answer = client.post("/rollout/orders", json={"action": "rollback", "seen": "champion:1", "version": "0"})

    assert (answer.status_code, answer.json["code"]) == (403, "orders_need_keys")
    assert "endeavour keys add" in answer.json["detail"]
