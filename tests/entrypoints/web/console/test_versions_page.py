"""Versions page: its history, its sheets, and who may promote and roll back."""

from dataclasses import replace

from adapters.memory.model_store import InMemoryModelStore
from adapters.memory.traffic_log import InMemoryTrafficLog
from domain.access.api_key import Role
from domain.delivery.served_model import ModelOrigin, ServedModel, ServedModels
from domain.errors import StoreUnavailable
from domain.model.model_version import ModelVersion
from domain.monitoring.catalog import Catalog, ListedVersion
from tests.support.examples import NOON, a_lineage, a_model
from tests.support.rollouts import a_served_rollout, in_rollout
from tests.support.web.console_session import ConsoleSession, order_forms, place, words
from tests.support.web.dependencies import monitoring, served_models


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
    web.current_model.replace(in_rollout(a_model(), a_served_rollout(a_model(951.5), weight=500, stage=2)))
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
