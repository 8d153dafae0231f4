import orjson
import pytest

from adapters.shared_memory.rate_limit import HostRateLimit, RateLimitTable
from domain.access.rate_limit import RateLimitPolicy
from entrypoints.web.dependencies import WebDependencies
from tests.support.web.dependencies import web_dependencies


@pytest.fixture
def web() -> WebDependencies:
    return web_dependencies(rate_limit=HostRateLimit(RateLimitPolicy(per_second=0.01, burst=3), RateLimitTable()))


def ask(client, address="192.0.2.1", body=b'{"X": 0.2}', **headers):
    return client.post("/stream", data=body, headers=headers, environ_overrides={"REMOTE_ADDR": address})


def test_client_beyond_its_rate_is_429_with_the_time_to_wait_and_others_are_answered(one_feature):
    # A client cannot choose its address.
    answers = [ask(one_feature, X_Forwarded_For=f"203.0.113.{number}") for number in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert orjson.loads(answers[-1].data)["code"] == "rate_limited"
    assert answers[-1].headers["Retry-After"] == "100"
    assert ask(one_feature, "192.0.2.2").status_code == 200


def test_wrong_requests_count_and_their_bodies_are_not_read(one_feature, mocker):
    for _ in range(3):
        assert ask(one_feature, body=b"{").status_code == 400
    read = mocker.patch("entrypoints.web.routes.predictions.read_json_body", autospec=True)

    assert ask(one_feature, body=b"{").status_code == 429
    read.assert_not_called()


def test_checks_of_proxies_are_not_counted_and_pages_without_a_key_are(one_feature):
    for path in ("/livez", "/version"):
        assert {one_feature.get(path).status_code for _ in range(50)} == {200}

    statuses = [one_feature.get(path).status_code for path in ("/docs", "/docs/start.js", "/docs/page.css", "/docs")]
    assert statuses == [200, 200, 200, 429]
