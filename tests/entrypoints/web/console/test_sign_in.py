"""Signing in and out: who gets a session, what its cookie opens, and what a refusal shows."""

import logging
import os
import re
from dataclasses import replace
from ipaddress import ip_network

import pytest
from werkzeug.http import parse_options_header

from adapters.memory.key_store import InMemoryKeyStore
from application.access.issue_key import IssueKey
from domain.access.api_key import KeyRing, Role
from entrypoints.web.app import create_app
from entrypoints.web.console.access import COOKIE
from entrypoints.web.middleware.client_address import ClientAddressResolver
from tests.support.examples import SteppingClock

PROOF = re.compile(r'name="proof" value="([0-9a-f]{64})"')


@pytest.fixture
def issue(web):
    """A function that issues a key, which the server reads at once, and returns its text."""
    store = InMemoryKeyStore()
    web.active_keys.ring = KeyRing()

    def issued(*roles: Role) -> str:
        text = IssueKey(store, SteppingClock(), os.urandom)("night-ops", roles or (Role.OPERATE,)).text
        web.active_keys.ring = store.ring()
        return text

    return issued


def enter(client, key, to="model", **options):
    return client.post("/console/enter", data={"key": key, "to": to}, **options)


def place(response):
    return response.status_code, response.headers.get("Location")


def test_person_signs_in_sees_the_name_and_signs_out(one_feature, issue, caplog):
    caplog.set_level(logging.INFO)
    before, key = one_feature.get("/console/model"), issue()
    entered = enter(one_feature, key)
    followed = one_feature.get("/console/enter?to=model&kept=1")
    page = one_feature.get("/console/model")
    (proof,) = PROOF.findall(page.text)
    left = one_feature.post("/console/leave", data={"proof": proof})

    assert place(before) == (303, "enter?to=model")
    assert place(entered) == (303, "enter?to=model&kept=1")
    assert place(followed) == (303, "model")
    assert (page.status_code, "<strong>night-ops</strong>" in page.text) == (200, True)
    assert place(left) == (303, "enter")
    assert place(one_feature.get("/console/model")) == (303, "enter?to=model")
    (line,) = [record for record in caplog.records if record.message == "signed_in"]
    assert (line.key, line.address) == (key.partition(".")[0], "127.0.0.1")


def test_cookie_is_for_the_folder_of_the_console_and_for_no_script(web, issue, one_feature):
    key = issue()
    behind = replace(web, client_addresses=ClientAddressResolver([ip_network("127.0.0.1/32")]))
    proxied = {"headers": {"X-Forwarded-Proto": "https"}}

    for app, options, is_secure in (
        (web, {}, False),
        (web, {"base_url": "https://localhost"}, True),
        (web, proxied, False),
        (behind, proxied, True),
        (behind, {}, False),
    ):
        cookie = enter(create_app(app).test_client(), key, **options).headers["Set-Cookie"]

        value, *members = cookie.split("; ")
        expected = {"HttpOnly", "SameSite=Strict", "Max-Age=43200"} | ({"Secure"} if is_secure else set())
        assert value.startswith(f"{COOKIE}=v1.{key.partition('.')[0]}.")
        assert key.partition(".")[2] not in cookie
        assert {member for member in members if not member.startswith("Expires")} == expected


def test_cookie_opens_pages_and_nothing_of_the_api(one_feature, issue):
    enter(one_feature, issue(*Role))

    for method, path in (("GET", "/model"), ("GET", "/rollout"), ("POST", "/stream"), ("POST", "/rollout/orders")):
        assert one_feature.open(path, method=method, json={}).status_code == 401, path
    assert one_feature.get("/console/").status_code == 200


def test_session_ends_with_its_key(web, one_feature, issue):
    enter(one_feature, issue())
    assert one_feature.get("/console/").status_code == 200

    web.active_keys.ring = KeyRing()

    assert place(one_feature.get("/console/")) == (303, "enter")


def test_role_opens_its_pages(web, one_feature, issue):
    pages = ("", "model", "try", "versions", "rollout", "monitoring")
    for role, seen in (
        (Role.OPERATE, pages),
        (Role.VIEW, pages),
        (Role.PREDICT, ("", "model", "try")),
        (Role.METRICS, ("monitoring",)),
    ):
        client = create_app(web).test_client()
        key = issue(role)
        enter(client, key)

        answers = {path: client.get(f"/console/{path}") for path in pages}

        assert {path for path in pages if answers[path].status_code == 200} == set(seen), role
        first = "./" if "" in seen else "monitoring"
        assert {place(answers[path]) for path in set(pages) - set(seen)} <= {(303, first)}, role
        navigation = re.findall(r'<li><a href="([^"]*)"', answers[seen[0]].text)
        assert {path.removeprefix("./") for path in navigation} == set(seen)
        assert client.get("/console/enter", query_string={"to": "model"}).headers["Location"] in ("model", first)
        for path in seen:
            (address,) = re.findall(
                r'JSON: <code>.*?Bearer \$KEY" <span data-address="\.\.(/\w+)">', answers[path].text
            )
            answer = client.get(address, headers={"Authorization": f"Bearer {key}"})
            assert answer.status_code in (200, 404), (role, path)  # there is no rollout


def test_header_with_a_key_opens_pages_without_forms(one_feature, issue):
    page = one_feature.get("/console/", headers={"X-API-Key": issue()})

    assert (page.status_code, PROOF.findall(page.text)) == (200, [])
    assert place(one_feature.get("/console/", headers={"X-API-Key": "a1.secret"})) == (303, "enter")


def test_refused_key_is_not_shown_and_ten_of_them_are_all(web, one_feature, issue, caplog):
    key = issue()
    refused = [enter(one_feature, f"{key}x") for _ in range(10)]
    late, elsewhere = enter(one_feature, key), enter(one_feature, key, environ_overrides={"REMOTE_ADDR": "192.0.2.1"})

    assert {answer.status_code for answer in refused} == {401}
    assert "No such key" in refused[0].text
    assert (late.status_code, "Set-Cookie" in late.headers, int(late.headers["Retry-After"]) <= 6) == (429, False, True)
    assert elsewhere.status_code == 303
    logged = [record for record in caplog.records if record.message == "sign_in_refused"]
    assert {record.address for record in logged} == {"127.0.0.1"}
    assert len(logged) == 10
    assert key.partition(".")[2] not in refused[0].text + str([vars(record) for record in caplog.records])


def test_form_of_another_site_or_without_the_proof_does_nothing(one_feature, issue):
    key = issue()
    for site in ("cross-site", "same-site", "none"):
        answer = enter(one_feature, key, headers={"Sec-Fetch-Site": site})
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False), site
    enter(one_feature, key, headers={"Sec-Fetch-Site": "same-origin"})
    (proof,) = PROOF.findall(one_feature.get("/console/").text)

    for data, headers in (
        ({"proof": proof}, {"Sec-Fetch-Site": "same-site"}),
        ({"proof": proof[::-1]}, {}),
        ({}, {}),
    ):
        assert "Set-Cookie" not in one_feature.post("/console/leave", data=data, headers=headers).headers
    assert one_feature.get("/console/").status_code == 200


def test_only_a_page_of_the_console_may_follow(one_feature, issue):
    key = issue()
    for to in ("https://evil.example", "//evil.example", "/model", "../model", "enter", "monitoring?x=1", "\r\nX: 1"):
        assert place(enter(one_feature, key, to)) == (303, "enter?to=&kept=1"), to
        assert place(one_feature.get("/console/enter", query_string={"to": to})) == (303, "./"), to


def test_browser_that_drops_the_cookie_gets_a_page_that_names_the_cause(one_feature, issue):
    issue()

    page = one_feature.get("/console/enter?to=model&kept=1")

    assert (page.status_code, "did not keep the cookie" in page.text) == (200, True)


def test_body_that_is_no_form_is_refused(one_feature, issue):
    issue()
    for body, kind, status in (
        ("{}", "application/json", 415),
        ("key=" + "x" * 9000, "application/x-www-form-urlencoded", 413),
        ("&".join(f"a{number}=1" for number in range(20)), "application/x-www-form-urlencoded", 400),
        (b"key=\xff", "application/x-www-form-urlencoded", 400),
    ):
        answer = one_feature.post("/console/enter", data=body, content_type=kind)
        assert (answer.status_code, parse_options_header(answer.content_type)[0]) == (
            status,
            "application/problem+json",
        )


def test_server_without_keys_needs_no_session(one_feature):
    page = one_feature.get("/console/")

    assert (page.status_code, "open without a key" in page.text) == (200, True)
    assert "This page as JSON" in page.text
    assert place(one_feature.get("/console/enter?to=model")) == (303, "model")
    assert place(one_feature.post("/console/leave", data={"proof": ""})) == (303, "./")
    assert enter(one_feature, "a1.secret").status_code == 401
