"""Keys and roles: which requests are answered, what refusals contain, and that nothing is read or revealed before."""

import logging
from itertools import count

import orjson
import pytest

from adapters.memory.key_store import InMemoryKeyStore
from application.access.issue_key import IssueKey
from domain.access.api_key import KeyRing, Role
from entrypoints.web.app import create_app
from entrypoints.web.middleware.authentication import ANY_ROLE, OPEN_RULES, ROLES, roles_for
from tests.support.examples import SteppingClock


@pytest.fixture
def issue(web):
    """A function that issues a key, which the server reads at once, and returns its text."""
    store, numbers = InMemoryKeyStore(), count(1)
    make = IssueKey(store, SteppingClock(), lambda size: next(numbers).to_bytes(size, "big"))

    def issued(*roles: Role, name="me") -> str:
        text = make(name, roles or (Role.PREDICT,)).text
        web.active_keys.ring = store.ring()
        return text

    return issued


@pytest.fixture
def locked(web, one_feature):
    """A client of a server that requires keys, and has none."""
    web.active_keys.ring = KeyRing()
    return one_feature


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


def code(response):
    return response.status_code, orjson.loads(response.data).get("code")


def ask(client, headers, method="POST", path="/stream"):
    return code(client.open(path, method=method, json={"X": 0.2}, headers=headers))


def test_server_without_keys_answers_every_client(one_feature):
    assert ask(one_feature, {}) == ask(one_feature, bearer("any.thing")) == (200, None)


def test_key_is_taken_from_either_header(locked, issue):
    key = issue()

    for headers in (
        bearer(key),
        {"Authorization": f"BEARER  {key} "},
        {"X-API-Key": key},
        {"X-API-Key": key, **bearer(key)},
        {"X-API-Key": key, "Authorization": "Basic of-the-proxy"},
    ):
        assert ask(locked, headers) == (200, None), headers


def test_anything_else_is_unauthorized_and_not_repeated(locked, issue):
    key, other = issue(), issue(name="b")
    name, _, secret = key.partition(".")

    for headers in (
        {},
        *({"Authorization": value} for value in (key, "Bearer", "Bearer ", f"Basic {key}", f"Bearer Bearer {key}")),
        *(bearer(text) for text in (f"{key},{key}", f"other.key,{key}", key[:-1], f"{key}A", key.swapcase())),
        *(bearer(text) for text in (name, f".{secret}", f"unknown.{secret}", "ä.ö", "x" * 10_000)),
        *({"X-API-Key": value} for value in (f"{key},{key}", f"Bearer {key}")),
        {"X-API-Key": "other.key", **bearer(key)},
        {"X-API-Key": other, **bearer(key)},
        {"Cookie": f"key={key}", "Proxy-Authorization": f"Bearer {key}"},
    ):
        response = locked.post(f"/stream?key={key}&api_key={key}", json={"X": 0.2}, headers=headers)

        assert code(response) == (401, "unauthorized"), headers
        assert response.headers["WWW-Authenticate"] == "Bearer"
        assert response.content_type == "application/problem+json"
        assert secret not in response.text + str(response.headers)


def test_without_a_key_no_response_depends_on_what_exists(locked):
    asked = {"headers": {"X-Request-Id": "mine"}}
    for method, path in (
        *(("POST", path) for path in ("/stream", "/batch", "/", "/livez")),
        *(("GET", path) for path in ("/health", "/model", "/stream", "/livez/", "//livez", "/readyz/x")),
        *(("PUT", "/metrics"), ("OPTIONS", "/stream"), ("OPTIONS", "/livez"), ("DELETE", "/model")),
    ):
        # The client of Werkzeug takes the first word of //livez for a host.
        response = locked.open(environ_overrides={"PATH_INFO": path}, method=method, **asked)
        missing = locked.open("/no/such/path", method=method, **asked)

        assert code(response) == (401, "unauthorized"), (method, path)
        assert (response.data, str(response.headers)) == (missing.data, str(missing.headers))


def test_with_a_key_the_response_depends_on_what_exists(locked, issue):
    key = bearer(issue(Role.METRICS))

    assert code(locked.get("/nothing", headers=key)) == (404, "not_found")
    assert code(locked.get("/stream", headers=key)) == (405, "method_not_allowed")


def test_role_opens_its_routes_and_no_other(locked, issue):
    for method, path, roles in (
        ("POST", "/stream", {Role.PREDICT}),
        ("POST", "/batch", {Role.PREDICT}),
        ("GET", "/health", {Role.PREDICT, Role.OPERATE, Role.VIEW}),
        ("GET", "/model", {Role.PREDICT, Role.OPERATE, Role.VIEW}),
        ("GET", "/rollout", {Role.OPERATE, Role.VIEW}),
        ("POST", "/rollout/abort", {Role.OPERATE}),
        ("GET", "/v2/models/endeavour", {Role.PREDICT}),
    ):
        codes = {role: ask(locked, bearer(issue(role, name=role)), method, path) for role in Role}

        assert {role for role in Role if codes[role][1] not in ("unauthorized", "forbidden")} == roles
        assert {codes[role] for role in set(Role) - roles} == {(403, "forbidden")}
        assert ask(locked, bearer(issue(*Role, name="all")), method, path) == codes[min(roles)]


def test_probes_are_open_and_give_no_reason(web, client, issue, one_feature):
    key = bearer(issue())
    for path, body in (("/livez", {"status": "ok"}), ("/readyz", {"status": "ready"})):
        for headers in ({}, bearer("wrong.key")):
            assert client.get(path, headers=headers).json == body
            assert client.head(path, headers=headers).status_code == 200

    web.current_model.withdraw("the file /srv/CURRENT is empty")

    for path in ("/readyz", "/ping", "/v2/health/ready"):
        response = client.get(path)
        assert (response.status_code, b"/srv" in response.data) == (503, False)
    for method, path in (("GET", "/health"), ("GET", "/model"), ("POST", "/stream")):
        response = client.open(path, method=method, json={"X": 0.2}, headers=key)
        assert (*code(response), "/srv" in response.json["detail"]) == (503, "no_model", True)
    assert client.get("/livez").status_code == 200


def test_body_is_not_read_before_the_key(locked, issue, mocker):
    body = mocker.Mock()

    response = locked.post("/stream", environ_overrides={"wsgi.input": body, "CONTENT_LENGTH": "999999999"})
    denied = locked.post("/stream", headers=bearer(issue(Role.METRICS)), environ_overrides={"wsgi.input": body})

    assert (code(response)[0], code(denied)[0]) == (401, 403)
    assert body.method_calls == []


def test_log_has_the_id_of_the_key_and_never_the_key(locked, issue, web, caplog):
    caplog.set_level(logging.DEBUG)
    key, other = issue(), issue(Role.METRICS, name="other")

    for headers in (bearer(key), {"X-API-Key": other}, bearer("wrong.key"), {}):
        locked.post("/stream", json={"X": 0.2}, headers=headers)
    web.request_recorder.flush()

    lines = [record for record in caplog.records if record.name == "endeavour.access"]
    assert [(line.status, getattr(line, "key", None)) for line in lines] == [
        (200, key.partition(".")[0]),
        (403, other.partition(".")[0]),
        (401, None),
        (401, None),
    ]
    logged = str([vars(record) for record in caplog.records])
    assert key.partition(".")[2] not in logged
    assert "wrong" not in logged


def test_every_route_has_its_role_or_is_open(web):
    rules = [rule.rule for rule in create_app(web).url_map.iter_rules()]

    assert len(rules) >= 6
    assert [rule for rule in rules if roles_for(rule) == frozenset()] == []
    assert all(rule.startswith("/") and not rule.endswith("/") for rule in (*OPEN_RULES, *ROLES))
    assert OPEN_RULES.isdisjoint(ROLES)


def test_rule_takes_the_roles_of_the_nearest_above_it():
    expected = {
        **dict.fromkeys(("/livez", "/v2/health/live", "/ping", "/", "/docs", "/docs/<name>")),
        **dict.fromkeys(("/console", "/console/console.css")),
        **dict.fromkeys(("/ping/below", "/livezz", "/v2x", "/docs/<path:asset>"), frozenset()),
        **dict.fromkeys(("/v2", "/v2/models/<name>/versions/<version>/infer"), frozenset({Role.PREDICT})),
        "/openapi.json": ANY_ROLE,
        "/metrics": {Role.METRICS},
        **dict.fromkeys(("/versions", "/rollout"), frozenset({Role.OPERATE, Role.VIEW})),
    }

    assert {rule: roles_for(rule) for rule in expected} == expected
