"""Orders by the pages: what a form does, what it refuses, and what the page shows afterwards."""

import re

from domain.access.api_key import KeyRing, Role
from domain.delivery.order import AnsweredOrder
from entrypoints.web.app import create_app
from tests.support.examples import a_model
from tests.support.rollouts import STARTED, a_served_rollout, in_rollout
from tests.support.web.console_session import ConsoleSession, order_forms, place, words
from tests.support.web.dependencies import served_models


def test_abort_by_its_sheet_is_offered_to_the_controller_and_shown_as_asked(web, session):
    sheet = session.client.get("/console/rollout?act=abort").text
    form = order_forms(sheet)["abort"]

    answer = session.send({**form, "reason": " too slow "})
    after = session.client.get(f"/console/{answer.headers['Location']}").text

    (order,) = web.give_order.pending()
    assert "Version 1 answers every request again" in words(sheet)
    assert place(answer) == (303, f"rollout?order={form['order']}")
    assert (order.action, order.version, order.why) == ("abort", "1", "too slow")
    assert order.by == f"night-ops (key {session.key.partition('.')[0]})"
    assert "The controller has not taken it yet." in words(after)


def test_reason_that_a_person_cannot_read_gives_no_order(web, session):
    form = session.form("promote", "rollout?act=promote")

    for reason in ("\u202efine", "fine\x00", "\u200b", "\u3164", "x" * 201):
        answer = session.send({**form, "reason": reason})
        assert (answer.status_code, "one of which can be seen" in answer.text) == (400, True), reason
    assert web.give_order.pending() == ()


def test_page_shows_done_only_when_the_state_shows_it(web, session):
    form = session.form("pause", "rollout")
    session.send(form)
    (order,) = web.give_order.pending()
    held = {"held": "night-ops asked to pause.", "held_at": STARTED}
    taken = a_served_rollout(a_model(951.5), weight=500, stage=2, orders=(AnsweredOrder(order),), **held)

    before = words(session.client.get(f"/console/rollout?order={order.id}").text)
    web.current_model.replace(in_rollout(a_model(), taken))
    after = words(session.client.get(f"/console/rollout?order={order.id}").text)

    assert ("has not taken it yet" in before, "is done." in before) == (True, False)
    assert "is done. night-ops asked to pause." in after
    assert "This page as JSON: curl" in after
    assert "no such order" in words(session.client.get(f"/console/rollout?order={'0' * 32}").text)
    web.current_model.replace(served_models(a_model(), "1"))
    over = words(session.client.get(f"/console/rollout?order={order.id}").text)
    assert "was overtaken. The rollout is over: version 1 answers all requests." in over


def test_form_sent_twice_is_one_order_and_a_look_at_its_address_is_none(web, session):
    form = session.form("pause", "rollout")

    answers = [place(session.send(form)) for _ in range(2)]

    assert answers == 2 * [(303, f"rollout?order={form['order']}")]
    assert len(web.give_order.pending()) == 1
    assert place(session.client.get("/console/order")) == (303, "rollout")


def test_order_on_a_page_that_is_out_of_date_does_nothing_and_shows_the_page_as_it_is(web, session):
    form = session.form("abort", "rollout?act=abort")
    web.current_model.replace(in_rollout(a_model(), a_served_rollout(a_model(951.5), weight=1000, stage=3)))

    answer = session.send(form)

    assert (answer.status_code, web.give_order.pending()) == (409, ())
    assert "It has changed since you looked. Nothing was done." in words(answer.text)
    fresh = order_forms(answer.text)["abort"]
    assert fresh["seen"] != form["seen"]
    assert session.send(fresh).status_code == 303


def test_refused_order_does_nothing(web, session):
    promote, pause = session.form("promote", "rollout?act=promote"), session.form("pause", "rollout")
    same_site = {"headers": {"Sec-Fetch-Site": "same-site"}}
    for fields, options, status, sentence in (
        (promote, {}, 409, "needs a reason"),
        ({**pause, "action": "resume"}, {}, 409, "nothing to resume"),
        ({**pause, "action": "delete"}, {}, 400, "not one of this page"),
        ({**pause, "order": "1"}, {}, 400, "not one of this page"),
        ({**pause, "proof": pause["proof"][::-1]}, {}, 403, "by a page of another address"),
        ({**pause, "proof": ""}, {}, 403, "by a page of another address"),
        (pause, same_site, 403, "by a page of another address"),
    ):
        answer = session.send(fields, **options)

        assert answer.status_code == status, fields
        assert sentence in words(answer.text)
        assert "Nothing was done" in words(answer.text) or "nothing was done" in words(answer.text)
    assert web.give_order.pending() == ()


def test_expired_session_does_nothing_and_asks_to_sign_in(web, session):
    form = session.form("pause", "rollout")
    web.active_keys.ring = KeyRing()

    answer = session.send(form)

    assert (answer.status_code, web.give_order.pending()) == (401, ())
    assert "You were signed out, and nothing was done." in words(answer.text)
    assert 'name="to" value="rollout"' in answer.text


def test_other_roles_and_servers_without_keys_see_why_they_give_no_order(web, session):
    form = session.form("pause", "rollout")
    reader = ConsoleSession(web, Role.VIEW)
    by_reader, with_header = (
        reader.client.get("/console/rollout").text,
        create_app(web).test_client().get("/console/rollout", headers={"X-API-Key": reader.key}).text,
    )
    proof = re.search(r'name="proof" value="(\w+)"', by_reader)[1]
    refused = reader.send({**form, "proof": proof})
    web.active_keys.ring = None
    anyone = create_app(web).test_client()

    assert "a key with the role operate gives orders" in words(by_reader)
    assert "sign in with the key" in words(with_header)
    assert "endeavour keys add me --role operate" in words(anyone.get("/console/rollout").text)
    assert [order_forms(page) for page in (by_reader, with_header)] == [{}, {}]
    assert (refused.status_code, anyone.post("/console/order", data=form).status_code) == (403, 403)
    assert web.give_order.pending() == ()
