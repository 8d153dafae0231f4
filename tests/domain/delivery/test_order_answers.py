"""Order answers: which entries of a ledger answer an order, and which only quote one."""

from typing import Any

from domain.delivery.ledger import LedgerDraft
from domain.delivery.order import AnsweredOrder
from domain.delivery.order_answers import MAX_ANSWERS, last_answers, order_answers
from tests.support.examples import NOON
from tests.support.orders import a_champion_order, order_id


def an_entry(event="refused", why="", **verdicts: Any):
    return LedgerDraft(
        at=NOON, actor="night (key ops-2)", event=event, version="1", replaced="1", verdicts=verdicts, why=why
    )


def refusal(number, ignored):
    return an_entry(orders=[AnsweredOrder(a_champion_order(number), ignored).to_values()])


def test_entries_answer_the_orders_that_they_record():
    mark = a_champion_order(1).mark
    end = an_entry(
        "aborted", orders=[*refusal(3, "").verdicts["orders"], *refusal(4, "held already").verdicts["orders"]]
    )
    entries = (an_entry("promote", f"better {mark}"), refusal(2, "gone"), end)

    assert order_answers(entries) == {
        order_id(1): "",
        order_id(2): "gone",
        order_id(3): "",
        order_id(4): "held already",
    }


def test_an_order_that_was_followed_was_not_refused_in_either_order_of_the_entries():
    followed = an_entry("rollback", f"worse {a_champion_order(1).mark}")
    for entries in ((followed, refusal(1, "gone")), (refusal(1, "gone"), followed)):
        assert order_answers(entries) == {order_id(1): ""}


def test_reasons_that_quote_an_order_and_damaged_entries_answer_none():
    mark = a_champion_order(1).mark
    quoting = (an_entry("promote", f"{mark} was wrong"), an_entry("aborted", mark))
    damaged = [an_entry(orders=orders) for orders in ({}, [1], [{"id": order_id(1)}], [{"id": 1, "ignored": ""}])]

    assert order_answers((*quoting, *damaged)) == {}


def test_the_last_answers_are_kept():
    answers = last_answers(refusal(number, "gone") for number in range(MAX_ANSWERS + 3))

    assert (len(answers), order_id(2) in answers, order_id(3) in answers) == (MAX_ANSWERS, False, True)
