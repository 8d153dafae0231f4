"""Orders by the pages: what a form does, what it refuses, and what the page shows afterwards."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from adapters.memory.model_store import InMemoryModelStore
from adapters.memory.traffic_log import InMemoryTrafficLog
from domain.access.api_key import KeyRing, Role
from domain.delivery.order import AnsweredOrder, OrderAction
from domain.delivery.rollout import Phase
from domain.delivery.served_model import ModelOrigin, ServedModel, ServedModels
from domain.delivery.transition import Move, Transition
from domain.errors import StoreUnavailable
from domain.model.model_version import ModelVersion
from domain.monitoring.catalog import Catalog, ListedVersion
from domain.monitoring.change import What, newest, rollout_changes
from entrypoints.web.app import create_app
from tests.support.examples import NOON, a_lineage, a_model
from tests.support.monitoring import a_change
from tests.support.orders import an_order
from tests.support.rollouts import STARTED, a_served_rollout, in_rollout
from tests.support.web.console_session import ConsoleSession, order_forms
from tests.support.web.console_states import console_states
from tests.support.web.dependencies import monitoring, served_models

SERVED = a_served_rollout(a_model(951.5), weight=500, stage=2)
STATES = console_states()


def words(text):
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


@pytest.fixture
def session(web):
    web.current_model.replace(in_rollout(a_model(), SERVED))
    return ConsoleSession(web)


@pytest.fixture
def with_versions(web):
    """A function that signs in where version 1 is in production, after version 0, and version 2 is another."""

    def signed_in(*roles):
        versions = (
            ListedVersion(
                name="2", trained_at=NOON, scores={"r2": 0.5, "rmse": 54.3}, digest="b" * 64, rejected="slow"
            ),
            ListedVersion(
                name="1", trained_at=NOON, scores={"r2": 0.4, "rmse": 55.0}, digest="a" * 64, rejected="error rose"
            ),
            ListedVersion(name="0", problem="its files are gone"),
        )
        changes = (a_change(1, What.PROMOTE, version="1", by="maria@host", why="new <quarter>"), a_change())
        catalog = Catalog(at=NOON, versions=versions, champion="1", previous="0", changes=changes)
        web.current_model.replace(served_models(a_model(), "1"))
        seen = replace(web, **monitoring(web.current_model, InMemoryTrafficLog(), catalog))
        return ConsoleSession(seen, *roles)

    return signed_in


def place(response):
    return response.status_code, response.headers.get("Location")


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


def test_versions_show_their_history_and_are_promoted_and_rolled_back_by_hand(web, with_versions):
    session = with_versions()
    page = words(session.client.get("/console/versions").text)
    of_unknown = words(session.client.get("/console/versions?before=gone").text)
    promote, back = (
        session.form("promote", "versions?act=promote&version=2"),
        session.form("rollback", "versions?act=rollback"),
    )
    consequences = words(session.client.get("/console/versions?act=promote&version=2").text)

    answers = [session.send({**promote, "reason": "it is better"}), session.send(back)]

    assert "Version 1 was promoted. maria@host: new <quarter>" in page
    for text in (page, of_unknown):
        assert all(word in text for word in ("2 rejected slow", "1 champion Before its", "0 previous cannot be used"))
    assert "Its R² on held-out rows is 0.5000" in consequences
    assert "A rollout of it was aborted: slow" in consequences
    assert "`" not in consequences
    assert "not compared here, because this host keeps the 20 newest versions" in consequences
    assert [place(answer)[1] for answer in answers] == [f"versions?order={f['order']}" for f in (promote, back)]
    assert [(order.action, order.version) for order in web.give_order.pending()] == [
        ("promote", "2"),
        ("rollback", "0"),
    ]
    done = words(session.client.get(f"/console/versions?order={promote['order']}").text)
    assert "The controller has not taken it yet." in done


def test_versions_offer_nothing_to_readers_or_in_a_rollout(web, with_versions):
    reader = with_versions(Role.VIEW)
    pages = [
        reader.client.get(f"/console/versions{query}").text for query in ("", "?act=rollback", "?act=promote&version=2")
    ]
    operator = with_versions()
    unknown = [operator.client.get(f"/console/versions?act=promote&version={name}").text for name in ("9", "1")]
    web.current_model.replace(in_rollout(a_model(), SERVED))
    in_it = operator.client.get("/console/versions?act=rollback").text

    assert [order_forms(page) for page in (*pages, *unknown, in_it)] == 6 * [{}]
    assert "abort or promote it there" in words(in_it)


def test_sheets_of_versions_show_how_they_differ(web):
    store = InMemoryModelStore()
    for slope, more in ((2.0, ()), (938.3, ()), (3.0, (1.0,))):
        store.save(ModelVersion("", a_model(slope, *more), a_lineage()))
    listed = [replace(ListedVersion.of(store.load(name)), name=name) for name in ("3", "2", "1")]
    catalog = Catalog(at=NOON, versions=tuple(listed), champion="1", previous="3")

    def sheet(query):
        web.current_model.replace(ServedModels(ServedModel(store.load("1"), ModelOrigin.REGISTRY)))
        seen = replace(web, **monitoring(web.current_model, InMemoryTrafficLog(), catalog, reader=store))
        return words(ConsoleSession(seen).client.get(f"/console/versions?{query}").text)

    assert "The largest change found is 3 745 target units" in sheet("act=promote&version=2")
    refused = sheet("act=promote&version=3")
    assert "It takes other features (added: bp). The order will be refused" in refused
    assert "endeavour promote 3 --allow-feature-change promotes it once" in refused
    assert "It takes other features (added: bp). Clients have to send them from then on." in sheet("act=rollback")


def test_sheet_of_a_version_that_cannot_be_used_warns_of_the_refusal(with_versions):
    text = words(with_versions().client.get("/console/versions?act=promote&version=0").text)

    assert "It cannot be used, so that the order will be refused: its files are gone" in text


def test_versions_page_answers_while_the_store_cannot_be_read(web, mocker):
    web.current_model.replace(served_models(a_model(), "1"))
    away = mocker.patch.object(type(web.list_versions), "__call__", side_effect=StoreUnavailable("the store", "away"))

    page = ConsoleSession(web).client.get("/console/versions")

    assert away.called
    assert (page.status_code, "cannot be read now" in page.text) == (200, True)


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
    web = STATES["no-figures"]()
    web.current_model.replace(in_rollout(a_model(), SERVED))

    page = ConsoleSession(web).client.get("/console/rollout")

    assert (page.status_code, "A rollout is under way." in page.text) == (200, True)
