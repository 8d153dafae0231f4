"""GiveOrder: what a host accepts, what it refuses, and what has become of an order."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.memory.model_store import InMemoryRegistryState
from adapters.memory.version_catalog import InMemoryVersionCatalog
from adapters.shared_memory.order_board import SharedOrderBoard
from adapters.shared_memory.rollout_stop import RolloutStop
from application.serving.current_model import CurrentModel
from application.serving.give_order import GiveOrder
from domain.delivery.errors import OrderOutdated, OrderRefused
from domain.delivery.order import LIFE, AnsweredOrder, OrderAction
from domain.delivery.order_progress import OrderState
from domain.monitoring.catalog import Catalog
from tests.support.examples import NOON, a_model
from tests.support.orders import an_order, order_id
from tests.support.rollouts import a_served_rollout, in_rollout
from tests.support.web.dependencies import served_models

SERVED = a_served_rollout(a_model(900.0), weight=500, stage=2)
ROLLOUT = SERVED.rollout


class Host:
    """A host in a rollout, and its clock."""

    def __init__(self):
        self.now, self.stop = NOON, RolloutStop()
        self.current = CurrentModel()
        self.current.replace(in_rollout(a_model(), SERVED))
        self.registry = InMemoryRegistryState()
        self.board = SharedOrderBoard()
        self.answer(None)

    def answer(self, answers):
        """Let the catalog have these answers of the ledger; with None, there is no catalog."""
        catalog = None if answers is None else Catalog(at=NOON, answers=answers)
        versions = InMemoryVersionCatalog(catalog, self.registry)
        self.give = GiveOrder(self.current, self.board, self.stop.stop, lambda: self.now, versions)

    def order(self, number, action, seen=ROLLOUT.seen, version="", why="too slow"):
        return self.give(order_id(number), action, seen=seen, version=version, by="night (key ops-2)", why=why)


@pytest.fixture
def host():
    return Host()


def test_abort_stops_the_host_at_once_and_is_one_order_however_often_it_arrives(host):
    first = host.order(1, OrderAction.ABORT)
    host.current.replace(served_models(a_model(), "1"))
    second = host.order(1, OrderAction.ABORT)

    assert host.stop.is_stopped(ROLLOUT.id)
    assert (first, host.give.pending()) == (second, (first,))
    assert (first.version, first.why, first.rollout) == ("1", "too slow", ROLLOUT.id)


def test_another_order_with_the_same_id_is_refused(host):
    pause = host.order(1, OrderAction.PAUSE)
    for action, why in ((OrderAction.ABORT, "too slow"), (OrderAction.PAUSE, "another")):
        with pytest.raises(OrderRefused, match="another order was given with this id"):
            host.order(1, action, why=why)
    host.current.replace(served_models(a_model(), "1"))
    promote = host.order(2, OrderAction.PROMOTE, "champion:1", "3")
    with pytest.raises(OrderRefused):
        host.order(2, OrderAction.PROMOTE, "champion:1", "4")

    assert host.give.pending() == (pause, promote)
    assert not host.stop.is_stopped(ROLLOUT.id)


def test_other_orders_stop_nothing_and_name_their_result(host):
    pause, promote = host.order(1, OrderAction.PAUSE), host.order(2, OrderAction.PROMOTE)

    assert (pause.version, promote.version) == ("", "2")
    assert not host.stop.is_stopped(ROLLOUT.id)


def test_order_of_someone_who_saw_something_else_is_refused(host):
    for seen in ("champion:1", ROLLOUT.seen.replace("canary:2", "canary:1"), "", "x" * 1000):
        with pytest.raises(OrderOutdated) as raised:
            host.order(1, OrderAction.ABORT, seen)
        assert raised.value.now == ROLLOUT.seen
    assert (host.give.pending(), host.stop.is_stopped(ROLLOUT.id)) == ((), False)


def test_order_without_sense_is_refused(host):
    for action, why in ((OrderAction.RESUME, "x"), (OrderAction.ROLLBACK, "x"), (OrderAction.PROMOTE, "")):
        with pytest.raises(OrderRefused):
            host.order(1, action, why=why)
    host.current.replace(served_models(a_model(), "1"))
    for action, version in ((OrderAction.ABORT, ""), (OrderAction.PROMOTE, "1"), (OrderAction.ROLLBACK, "")):
        with pytest.raises(OrderRefused):
            host.order(1, action, "champion:1", version)
    assert host.order(1, OrderAction.ROLLBACK, "champion:1", "7", why="").version == "7"


def test_progress_is_read_from_the_board_and_from_the_state(host):
    order = host.order(1, OrderAction.PAUSE)
    elsewhere = AnsweredOrder(an_order(2, seen=ROLLOUT.seen), "it came too late")

    assert host.give.progress(order.id).state is OrderState.ASKED
    assert host.give.progress(order_id(2)) is None
    host.current.replace(in_rollout(a_model(), replace(SERVED, rollout=replace(ROLLOUT, orders=(elsewhere,)))))
    assert host.give.progress(order_id(2)).state is OrderState.IGNORED


def test_order_that_the_controller_refused_has_the_reason_of_the_ledger_once_that_is_known(host):
    host.current.replace(served_models(a_model(), "1"))
    order = host.order(1, OrderAction.PROMOTE, "champion:1", "3")
    found = []
    for answers in (None, {order_id(2): "gone"}, {order.id: "it takes other features"}):
        host.answer(answers)
        found.append(host.give.progress(order.id))
    host.registry.reachable = False

    assert [each.state for each in found] == [OrderState.ASKED, OrderState.ASKED, OrderState.IGNORED]
    assert found[-1].sentence == "It was refused, and nothing was done: it takes other features."
    assert host.give.progress(order.id).state is OrderState.ASKED


def test_order_is_offered_to_the_controller_for_its_life(host):
    order = host.order(1, OrderAction.PAUSE)
    at_once = host.give.progress(order.id).sentence

    host.now = NOON + LIFE
    assert host.give.pending() == (order,)
    # By now the operator reads what may be missing.
    late = host.give.progress(order.id).sentence
    assert ("METRICS_ADDRESS" in at_once, "METRICS_ADDRESS" in late, late.startswith(at_once)) == (False, True, True)
    host.now += timedelta(seconds=1)
    assert host.give.pending() == ()
    assert host.give.progress(order.id).state is OrderState.EXPIRED
