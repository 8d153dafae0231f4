"""Pages of other origins may ask if the settings name the origin, exactly, and never with cookies."""

import pytest

from entrypoints.web.app import create_app
from tests.entrypoints.web.conftest import Limits

SHOP, LOCAL = "https://shop.example", "http://localhost:3000"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-api-key"}
OTHERS = [
    "https://evil.example",
    "https://shop.example.evil",
    "https://shop.example:444",
    "http://shop.example",
    "null",
]


@pytest.fixture
def shared(objects, one_feature):
    """A client of a server that two origins may ask."""
    objects.settings = lambda: Limits(cors_origins=(SHOP, LOCAL))
    return create_app(objects).test_client()


def of_cross_origin(response):
    return {name: value for name, value in response.headers if name.startswith("Access-Control-")}


@pytest.mark.parametrize("origin", [SHOP, LOCAL])
def test_page_of_a_named_origin_may_ask(shared, origin):
    preflight = shared.options("/stream", headers={"Origin": origin, **PREFLIGHT})
    answer = shared.post("/stream", json={"X": 1}, headers={"Origin": origin})

    assert (preflight.status_code, preflight.data) == (204, b"")
    assert preflight.headers["Access-Control-Allow-Origin"] == answer.headers["Access-Control-Allow-Origin"] == origin
    assert {"content-type", "x-api-key", "authorization"} <= {
        name.strip().lower() for name in preflight.headers["Access-Control-Allow-Headers"].split(",")
    }
    assert answer.status_code == 200
    assert answer.headers["Vary"] == "Origin"
    assert "X-Model-Version" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("path", ["/stream", "/nowhere"])
def test_page_of_a_named_origin_may_read_why_it_was_refused(shared, path):
    answer = shared.post(path, data=b"{", headers={"Origin": SHOP})

    assert answer.status_code >= 400
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP


@pytest.mark.parametrize("origin", [*OTHERS, f"{SHOP}, {LOCAL}", SHOP.upper(), f"{SHOP}/"])
def test_page_of_another_origin_is_told_nothing(shared, origin):
    preflight = shared.options("/stream", headers={"Origin": origin, **PREFLIGHT})
    answer = shared.post("/stream", json={"X": 1}, headers={"Origin": origin})

    assert preflight.status_code == 405
    assert of_cross_origin(preflight) == of_cross_origin(answer) == {}
    assert answer.headers["Vary"] == "Origin"


def test_browsers_are_never_told_to_send_cookies(shared):
    answers = [
        shared.options("/stream", headers={"Origin": SHOP, **PREFLIGHT}),
        shared.get("/model", headers={"Origin": SHOP}),
    ]

    assert all("Access-Control-Allow-Credentials" not in answer.headers for answer in answers)
    assert all(answer.headers["Access-Control-Allow-Origin"] != "*" for answer in answers)


def test_options_that_is_no_preflight_is_answered_as_everywhere(shared):
    assert shared.options("/stream", headers={"Origin": SHOP}).status_code == 405


@pytest.mark.parametrize("origin", [SHOP, *OTHERS])
def test_nobody_may_ask_unless_origins_are_named(one_feature, origin):
    preflight = one_feature.options("/stream", headers={"Origin": origin, **PREFLIGHT})
    answer = one_feature.post("/stream", json={"X": 1}, headers={"Origin": origin})

    assert preflight.status_code == 405
    assert of_cross_origin(preflight) == of_cross_origin(answer) == {}
