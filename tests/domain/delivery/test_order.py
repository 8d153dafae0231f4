"""Orders: their forms, their texts, what has become of them, and which make sense."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.delivery.order import LIFE, MAX_WHY_CHARACTERS, AnsweredOrder, Order, OrderAction, reason_from
from domain.delivery.order_options import possible_orders, seen_now
from domain.delivery.order_progress import OrderState, order_progress
from domain.delivery.rollout import Phase
from domain.delivery.rollout_text import from_text, to_text
from tests.support.examples import NOON, a_model
from tests.support.orders import a_champion_order, an_order
from tests.support.rollouts import STARTED, a_rollout, a_served_rollout, in_rollout
from tests.support.web.dependencies import served_models

# The words of several checks.
WRONG = "order|expected|text|time|offset|valid|digits|format"
ABORT, PAUSE, RESUME = OrderAction.ABORT, OrderAction.PAUSE, OrderAction.RESUME
PROMOTE, ROLLBACK = OrderAction.PROMOTE, OrderAction.ROLLBACK


def models(*answered, **changes):
    served = a_served_rollout(a_model(900.0), orders=tuple(answered), **changes)
    return in_rollout(a_model(), served)


def test_order_is_read_back_from_its_texts():
    for order in (an_order(), a_champion_order(why='Prüfung: "schlecht"')):
        assert Order.from_values(order.to_values()) == order
    assert (an_order().rollout, an_order().champion) == (a_rollout().id, "")
    assert (a_champion_order().rollout, a_champion_order().champion) == ("", "1")


def test_reason_is_empty_or_can_be_read():
    assert [reason_from(text) for text in ("", "  ", " fine\u200d ", "!", "x" * MAX_WHY_CHARACTERS)] == [
        *("", "", "fine\u200d", "!"),
        "x" * MAX_WHY_CHARACTERS,
    ]
    for text in ("\u202efine", "fine\n", "\x00", "\u200b", "\u3164 \u2800", "x" * (MAX_WHY_CHARACTERS + 1)):
        with pytest.raises(ValueError, match="one of which can be seen"):
            reason_from(text)


def test_what_is_no_order_is_refused():
    values = an_order().to_values()
    for name, value in (
        ("id", "A" * 32),
        ("id", "0" * 31),
        ("action", "delete"),
        ("action", "rollback"),
        ("seen", "champion:1"),
        ("seen", "x" * 101),
        ("by", "x" * 129),
        ("why", "x" * 201),
        ("why", "\x1b[31m"),
        ("at", "2026-11-28T09:04:12"),
        ("at", "today"),
    ):
        with pytest.raises(ValueError, match=WRONG):
            Order.from_values(values | {name: value})
    with pytest.raises(ValueError, match="no order"):
        Order.from_values({})
    with pytest.raises(ValueError, match="has no such order"):
        a_champion_order(1, PAUSE)


def test_state_of_a_rollout_keeps_its_answered_orders():
    answered = (AnsweredOrder(an_order()), AnsweredOrder(an_order(2, PAUSE), "held already"))
    rollout = replace(a_rollout(), orders=answered)

    assert from_text(to_text(rollout)) == rollout
    state = json.loads(to_text(rollout))
    for name, value in (("why", 1), ("at", "x"), ("id", "x"), ("ignored", "\x1b")):
        damaged = {**state, "orders": [{**state["orders"][0], name: value}]}
        with pytest.raises(ValueError, match=WRONG):
            from_text(json.dumps(damaged))


def test_order_is_done_only_when_the_state_or_the_ledger_shows_it():
    pause, resume = (an_order(1, action, version="") for action in (PAUSE, RESUME))
    abort, to_two = an_order(1, ABORT), an_order(1, PROMOTE, version="2")
    held = {"held": "night asked.", "held_at": STARTED}
    one, two = (served_models(a_model(), name) for name in "12")
    for order, now, state, *answer in (
        (pause, models(), OrderState.ASKED),
        (pause, models(AnsweredOrder(pause), **held), OrderState.DONE),
        (pause, models(AnsweredOrder(pause, "held already"), **held), OrderState.IGNORED),
        (resume, models(AnsweredOrder(resume)), OrderState.DONE),
        (pause, models(AnsweredOrder(pause), phase=Phase.ABORTING), OrderState.OVERTAKEN),
        (pause, one, OrderState.OVERTAKEN),
        (resume, two, OrderState.OVERTAKEN),
        (abort, models(phase=Phase.ABORTING), OrderState.ASKED),
        (abort, models(AnsweredOrder(abort), phase=Phase.ABORTING), OrderState.TAKEN),
        (abort, one, OrderState.ASKED),
        (abort, one, OrderState.DONE, ""),
        (abort, one, OrderState.IGNORED, "it came too late"),
        (abort, two, OrderState.OVERTAKEN),
        (to_two, models(AnsweredOrder(to_two), phase=Phase.PROMOTING), OrderState.TAKEN),
        (to_two, models(AnsweredOrder(to_two), phase=Phase.WATCH, stage=6), OrderState.DONE),
        (to_two, two, OrderState.ASKED),
        (to_two, two, OrderState.DONE, ""),
        (to_two, two, OrderState.IGNORED, "held already"),
        (to_two, one, OrderState.OVERTAKEN, ""),
        (a_champion_order(), one, OrderState.ASKED),
        (a_champion_order(), two, OrderState.ASKED),
        (a_champion_order(), two, OrderState.DONE, ""),
        (a_champion_order(), one, OrderState.DONE, ""),
        (a_champion_order(), two, OrderState.IGNORED, "the champion is now 2"),
        (a_champion_order(), models(), OrderState.ASKED),
        (a_champion_order(), models(), OrderState.DONE, ""),
    ):
        assert order_progress(order, now, order.at, *answer).state is state, (order.action, state, answer)


def test_order_that_no_controller_takes_expires():
    order = an_order()

    assert order_progress(order, models(), order.at + LIFE).state is OrderState.ASKED
    expired = order_progress(order, models(), order.at + LIFE + timedelta(seconds=1))
    assert (expired.state, "endeavour rollout run" in expired.sentence) == (OrderState.EXPIRED, True)
    by_hand = a_champion_order()
    late = by_hand.at + LIFE + timedelta(seconds=1)
    for served, word in (
        (served_models(a_model(), "1"), "endeavour rollout run"),
        (served_models(a_model(), "2"), "The ledger does not name this order"),
        (models(), "A rollout was started"),
    ):
        progress = order_progress(by_hand, served, late)
        assert (progress.state, word in progress.sentence) == (OrderState.EXPIRED, True)


def test_answered_order_has_the_words_of_the_ledger_and_what_came_since():
    refused = order_progress(a_champion_order(), served_models(a_model(), "2"), NOON, "the champion is now 2")
    since = order_progress(a_champion_order(), served_models(a_model(), "1"), NOON, "")

    assert refused.sentence == "It was refused, and nothing was done: the champion is now 2."
    assert since.sentence == "Version 2 was put into production. Since then, version 1 has replaced it."


def test_orders_that_make_sense_depend_on_the_phase():
    canary = replace(a_rollout(), phase=Phase.CANARY, stage=1)
    for rollout, expected in (
        (None, {PROMOTE, ROLLBACK}),
        (a_rollout(), {PAUSE, ABORT}),
        (canary, {PAUSE, ABORT, PROMOTE}),
        (replace(canary, held="x", held_at=STARTED), {RESUME, ABORT, PROMOTE}),
        (replace(canary, phase=Phase.PROMOTING), {ABORT}),
        (replace(canary, phase=Phase.WATCH, stage=6), {PAUSE, ABORT, PROMOTE}),
        (replace(canary, phase=Phase.ABORTING), set()),
    ):
        assert set(possible_orders(rollout)) == expected, rollout and rollout.phase


def test_what_is_seen_changes_with_the_stage_and_not_with_a_beat_or_a_hold():
    first = models()
    for changed, is_same in (
        (models(beat=9, generation=9), True),
        (models(stage=2), False),
        (models(held="x", held_at=STARTED), True),
        (served_models(a_model(), "1"), False),
    ):
        assert (seen_now(changed) == seen_now(first)) is is_same
    assert seen_now(served_models(a_model(), "1")) == "champion:1"
    assert isinstance(an_order().at, datetime)
