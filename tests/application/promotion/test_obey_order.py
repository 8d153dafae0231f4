"""ObeyOrder: an order about the champion is carried out once by the controllers, or refused in the ledger."""

import pytest

from application.promotion.obey_order import ObeyOrder
from domain.delivery.order import MAX_WHY_CHARACTERS, OrderAction
from domain.delivery.order_answers import order_answers
from domain.errors import StoreUnavailable
from domain.model.errors import CorruptModel
from tests.support.orders import a_champion_order, order_id
from tests.support.rollout_world import RolloutWorld


def test_order_about_the_champion_is_carried_out_once_without_a_rollout_also_by_another_controller(caplog):
    world = RolloutWorld()
    controller, other = world.controller(), world.controller("c2")
    promote = a_champion_order(1)
    rollback = a_champion_order(2, OrderAction.ROLLBACK, seen="champion:2", version="1")
    world.orders = (promote,)
    for each in (controller, other, controller):
        world.tick(each)
    world.orders = (promote, rollback)

    # Version 2 again: an order that was carried out is not carried out again, although it would fit.
    world.tick(controller)
    world.store.promote("2", replacing="1", at=world.now())
    for each in (other, controller):
        world.tick(each)

    assert world.store.history().champion == "2"
    assert [(entry.event, entry.version, entry.replaced, entry.actor) for entry in world.ledger.entries()] == [
        ("promote", "2", "1", "night (key ops-2)"),
        ("rollback", "1", "2", "night (key ops-2)"),
    ]


def test_order_that_no_longer_fits_changes_nothing_and_is_in_the_ledger_once(caplog):
    world = RolloutWorld()
    controller = world.controller()
    world.orders = (
        a_champion_order(1, seen="champion:3"),
        a_champion_order(2, version="9"),
        a_champion_order(3, version="4"),
        a_champion_order(4, OrderAction.ROLLBACK, version="3"),
    )

    for each in (controller, controller, world.controller("c2")):
        world.tick(each)

    assert world.store.history().champion == "1"
    reasons = (
        "the champion is now 1, and no longer 3",
        "no model version '9'",
        "version 4 takes other features than version 1",
        "nothing to roll back to",
    )
    entries = world.ledger.entries()
    for entry, order, reason in zip(entries, world.orders, reasons, strict=True):
        assert (entry.event, entry.actor, entry.version, entry.replaced) == ("refused", order.by, "1", "1")
        assert (entry.why.startswith(reason), entry.why.endswith(order.mark)) == (True, True), entry.why
        assert entry.verdicts["orders"][0]["why"] == "too slow"
        assert not entry.changes_champion
    refused = [record.order for record in caplog.records if record.message == "order_refused"]
    assert refused == [order.id for order in world.orders]


def test_rollback_to_another_version_than_the_previous_one_and_a_corrupt_version_are_refused_in_our_words(mocker):
    world = RolloutWorld()
    controller = world.controller()
    world.store.promote("2", replacing="1", at=world.now())
    load = type(world.store).load

    def damaged(store, version):
        if version == "3":
            raise CorruptModel(version, "Expecting value: line 1 column 1 (char 0)")
        return load(store, version)

    mocker.patch.object(type(world.store), "load", autospec=True, side_effect=damaged)
    world.orders = (
        a_champion_order(1, OrderAction.ROLLBACK, seen="champion:2", version="3"),
        a_champion_order(2, seen="champion:2", version="3"),
    )
    world.tick(controller)

    first, second = (entry.why for entry in world.ledger.entries() if entry.event == "refused")
    assert "returns to version 1, and not to version 3" in first
    assert (second.startswith("version 3 cannot be used"), "Expecting" in second) == (True, False)


def test_orders_that_came_with_the_obeyed_one_are_in_the_ledger_with_both_reasons():
    world = RolloutWorld()
    world.store.promote("2", replacing="1", at=world.now())
    world.store.promote("1", replacing="2", at=world.now())
    long = "w" * MAX_WHY_CHARACTERS
    world.orders = (
        a_champion_order(1),
        a_champion_order(2, OrderAction.ROLLBACK, why="it fails"),
        a_champion_order(3, why=long),
    )
    world.tick(world.controller())

    promoted, *refused = world.ledger.entries()
    back, reason = "a rollback returns to version 1, and not to version 2", "the champion is now 2, and no longer 1"
    assert (promoted.event, [entry.event for entry in refused]) == ("promote", 2 * ["refused"])
    assert refused[0].why == f"{back}; asked to rollback: it fails {world.orders[1].mark}"
    assert refused[1].why == f"{reason}; asked to promote: {long} {world.orders[2].mark}"
    assert order_answers(world.ledger.entries()) == {order_id(1): "", order_id(2): back, order_id(3): reason}


def test_order_that_another_controller_has_carried_out_meanwhile_is_not_recorded_as_refused(mocker):
    world = RolloutWorld()
    world.orders = (a_champion_order(),)
    world.tick(world.controller())
    mocker.patch.object(ObeyOrder, "_is_answered", autospec=True, side_effect=[False, True])
    world.tick(world.controller("c2"))

    assert [entry.event for entry in world.ledger.entries()] == ["promote"]


def test_order_of_a_controller_that_was_stopped_before_its_record_is_recorded_as_obeyed():
    world = RolloutWorld()
    order = a_champion_order()
    changed = world.store.promote("2", replacing="1", at=world.now())
    world.orders = (order,)
    world.tick(world.controller())

    (entry,) = world.ledger.entries()
    assert (entry.event, entry.at, entry.actor) == ("promote", changed.changes[-1].at, order.by)
    assert order_answers(world.ledger.entries()) == {order.id: ""}


def test_order_is_tried_again_when_the_registry_is_back(mocker):
    world = RolloutWorld()
    controller = world.controller()
    world.orders = (a_champion_order(),)
    away = mocker.patch.object(type(world.store), "promote", autospec=True, side_effect=StoreUnavailable("it", "away"))
    with pytest.raises(StoreUnavailable):
        world.tick(controller)
    mocker.stop(away)

    world.tick(controller)

    assert world.store.history().champion == "2"
