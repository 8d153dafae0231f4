"""Keys at the door: who is let in, who is told what, and that nothing is read or revealed before that."""

import logging

import orjson
import pytest

from adapters.memory.key_store import MemoryKeyStore
from application.issue_key import IssueKey
from domain.api_key import KeyRing, Role
from entrypoints.web import predictions
from entrypoints.web.app import create_app
from entrypoints.web.authentication import ANY, OPEN, ROLES, roles_for
from tests.examples import SteppingClock

WORDS = ["/livez", "/readyz"]
CLOSED = [
    *(("POST", "/stream"), ("POST", "/batch"), ("GET", "/health"), ("GET", "/model"), ("GET", "/stream")),
    *(
        ("POST", "/"),
        ("GET", "/nowhere"),
        ("POST", "/livez"),
        ("GET", "/livez/"),
        ("GET", "//livez"),
        ("PUT", "/metrics"),
    ),
    *(("OPTIONS", "/stream"), ("OPTIONS", "/livez"), ("DELETE", "/model"), ("GET", "/readyz/x")),
]


class Entropy:
    """Numbers instead of noise, so that a failing test fails again."""

    def __init__(self):
        self.calls = 0

    def __call__(self, count):
        self.calls += 1
        return self.calls.to_bytes(count, "big")


@pytest.fixture
def issue(objects):
    """A function that makes a key the server knows at once, and returns its text."""
    store = MemoryKeyStore()
    make = IssueKey(store, SteppingClock(), Entropy())

    def issued(*roles: Role, name="me") -> str:
        text = make(name, roles or (Role.PREDICT,)).text
        objects.keys.ring = store.ring()
        return text

    return issued


@pytest.fixture
def locked(objects, one_feature):
    """A client of a server that asks for keys, and knows none."""
    objects.keys.ring = KeyRing()
    return one_feature


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


def code(response):
    return response.status_code, orjson.loads(response.data).get("code")


def ask(client, headers, method="POST", path="/stream"):
    return code(client.open(path, method=method, json={"X": 0.2}, headers=headers))


def test_server_without_keys_answers_everybody(one_feature):
    assert one_feature.post("/stream", json={"X": 0.2}).status_code == 200
    assert one_feature.get("/health", headers=bearer("any.thing")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        bearer,
        lambda key: {"Authorization": f"bearer {key}"},
        lambda key: {"Authorization": f"BEARER  {key} "},
        lambda key: {"X-API-Key": key},
        lambda key: {"X-API-Key": key, **bearer(key)},
        lambda key: {"X-API-Key": key, "Authorization": "Basic of-the-proxy"},
    ],
)
def test_key_is_taken_from_either_header(locked, issue, headers):
    assert ask(locked, headers(issue())) == (200, None)


@pytest.mark.parametrize(
    "headers",
    [
        lambda key: {},
        lambda key: {"Authorization": key},
        lambda key: {"Authorization": "Bearer"},
        lambda key: {"Authorization": "Bearer "},
        lambda key: {"Authorization": f"Basic {key}"},
        lambda key: {"Authorization": f"Bearer Bearer {key}"},
        lambda key: bearer(f"{key},{key}"),
        lambda key: bearer(f"other.key,{key}"),
        lambda key: {"X-API-Key": f"{key},{key}"},
        lambda key: {"X-API-Key": f"Bearer {key}"},
        lambda key: {"X-API-Key": "other.key", **bearer(key)},
        lambda key: {"X-API-Key": key, **bearer("other.key")},
        lambda key: bearer(key[:-1]),
        lambda key: bearer(f"{key}A"),
        lambda key: bearer(key.swapcase()),
        lambda key: bearer(key.partition(".")[0]),
        lambda key: bearer("." + key.partition(".")[2]),
        lambda key: bearer("unknown." + key.partition(".")[2]),
        lambda key: bearer("ä.ö"),
        lambda key: bearer("x" * 10_000),
        lambda key: {"Cookie": f"key={key}", "Proxy-Authorization": f"Bearer {key}"},
    ],
)
def test_anything_else_is_unauthorized(locked, issue, headers):
    key = issue()

    response = locked.post("/stream", json={"X": 0.2}, headers=headers(key))

    assert code(response) == (401, "unauthorized")
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.content_type == "application/problem+json"


def test_key_in_the_address_is_none(locked, issue):
    assert code(locked.post(f"/stream?key={issue()}&api_key={issue(name='b')}", json={"X": 0.2}))[0] == 401


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_nothing_is_told_to_who_shows_no_key(locked, method, path):
    # The client of Werkzeug takes the first word of //livez for a host.
    response = locked.open(method=method, environ_overrides={"PATH_INFO": path})

    assert code(response) == (401, "unauthorized")
    assert "Allow" not in response.headers


def test_answers_without_a_key_do_not_depend_on_what_exists(locked):
    asked = (locked.get(path, headers={"X-Request-Id": "mine"}) for path in ("/model", "/nowhere"))

    answers = {(r.status_code, r.data, str(r.headers)) for r in asked}

    assert len(answers) == 1


def test_who_shows_a_key_learns_what_exists(locked, issue):
    key = bearer(issue(Role.METRICS))

    assert code(locked.get("/nowhere", headers=key)) == (404, "not_found")
    assert code(locked.get("/stream", headers=key)) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    ("method", "path", "roles"),
    [
        ("POST", "/stream", {Role.PREDICT}),
        ("POST", "/batch", {Role.PREDICT}),
        ("GET", "/health", {Role.PREDICT, Role.OPERATE}),
        ("GET", "/model", {Role.PREDICT, Role.OPERATE}),
    ],
)
@pytest.mark.parametrize("role", Role)
def test_role_opens_its_routes_and_no_other(locked, issue, method, path, roles, role):
    status, told = ask(locked, bearer(issue(role)), method, path)

    if role in roles:
        assert told not in ("unauthorized", "forbidden")
    else:
        assert (status, told) == (403, "forbidden")


def test_key_with_several_roles_opens_what_each_does(locked, issue):
    key = bearer(issue(Role.OPERATE, Role.PREDICT))

    assert ask(locked, key) == (200, None)


@pytest.mark.parametrize("headers", [{}, bearer("wrong.key")])
@pytest.mark.parametrize("path", WORDS)
def test_words_of_life_are_open_to_all(locked, path, headers):
    assert locked.get(path, headers=headers).status_code == 200
    assert locked.head(path, headers=headers).status_code == 200


def test_readiness_is_a_word(client, one_feature):
    assert orjson.loads(one_feature.get("/readyz").data) == {"status": "ready"}
    assert orjson.loads(one_feature.get("/livez").data) == {"status": "ok"}


def test_server_without_a_model_lives_is_not_ready_and_keeps_the_particular_reason_for_who_shows_a_key(
    objects, client, issue
):
    objects.live_model.withdraw("the file /srv/CURRENT is empty")
    key = bearer(issue())

    for path in ("/readyz", "/ping", "/v2/health/ready"):
        response = client.get(path)
        assert (response.status_code, b"/srv" in response.data) == (503, False)
    assert client.get("/readyz").json["status"] == "not ready"
    for method, path in (("GET", "/health"), ("GET", "/model"), ("POST", "/stream")):
        response = client.open(path, method=method, json={"X": 0.2}, headers=key)
        assert (response.status_code, response.json["code"], "/srv" in response.json["detail"]) == (
            503,
            "no_model",
            True,
        )
    assert client.get("/livez").status_code == 200


def test_body_is_not_read_before_the_key_is_known(locked, issue, mocker):
    read = mocker.patch.object(predictions, "read_json", autospec=True, side_effect=AssertionError)
    body = mocker.Mock()

    response = locked.post("/stream", environ_overrides={"wsgi.input": body, "CONTENT_LENGTH": "999999999"})
    denied = locked.post("/stream", headers=bearer(issue(Role.METRICS)), environ_overrides={"wsgi.input": body})

    assert (code(response)[0], code(denied)[0]) == (401, 403)
    assert not read.called
    assert body.method_calls == []


def test_key_counts_from_the_moment_it_is_known_to_the_moment_it_is_not(locked, issue, objects):
    key = issue()
    assert ask(locked, bearer(key)) == (200, None)

    objects.keys.ring = objects.keys.ring.without(key.partition(".")[0])

    assert ask(locked, bearer(key)) == (401, "unauthorized")


def test_log_has_the_id_of_the_key_and_never_the_key(locked, issue, objects, caplog):
    caplog.set_level(logging.DEBUG)
    key, other = issue(), issue(Role.METRICS, name="other")

    for headers in (bearer(key), {"X-API-Key": other}, bearer("wrong.key"), {}):
        locked.post("/stream", json={"X": 0.2}, headers=headers)
    objects.books().enter()

    lines = [record for record in caplog.records if record.name == "endeavour.access"]
    assert [(line.status, getattr(line, "key", None)) for line in lines] == [
        (200, key.partition(".")[0]),
        (403, other.partition(".")[0]),
        (401, None),
        (401, None),
    ]
    told = str([vars(record) for record in caplog.records])
    assert key.partition(".")[2] not in told
    assert "wrong" not in told


def test_refusal_repeats_nothing_that_was_sent(locked, issue):
    response = locked.post("/stream?q=SENT", headers={"Authorization": "SENT", "X-API-Key": "SENT.SENT"})

    assert b"SENT" not in response.data
    assert "SENT" not in str(response.headers)


def test_every_route_has_its_role_or_is_open(objects):
    rules = [rule.rule for rule in create_app(objects).url_map.iter_rules()]

    without = [rule for rule in rules if roles_for(rule) == frozenset()]

    assert len(rules) >= 6
    assert without == []


@pytest.mark.parametrize(
    ("rule", "roles"),
    [
        ("/livez", None),
        ("/v2/health/live", None),
        ("/ping", None),
        ("/ping/below", frozenset()),
        ("/livezz", frozenset()),
        ("/", None),
        ("/v2", {Role.PREDICT}),
        ("/v2/models/<name>/versions/<version>/infer", {Role.PREDICT}),
        ("/v2x", frozenset()),
        ("/openapi.json", ANY),
        ("/docs", None),
        ("/docs/<name>", None),
        ("/docs/<path:asset>", frozenset()),
        ("/metrics", {Role.METRICS}),
    ],
)
def test_rule_takes_the_roles_of_the_nearest_above_it(rule, roles):
    assert roles_for(rule) == roles


def test_table_is_of_rules():
    assert all(rule.startswith("/") and not rule.endswith("/") for rule in (*OPEN, *ROLES))
    assert OPEN.isdisjoint(ROLES)
