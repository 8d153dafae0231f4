"""Console behind the proxies of a pod and of the stack: signing in, and orders whose answer is lost."""

import pytest

from domain.access.api_key import Role
from tests.support.fault_proxy import FaultProxy
from tests.support.keys import Keys
from tests.support.orders import order_id
from tests.support.program import Program, requested
from tests.support.web.console_visit import ConsoleVisit

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("console proxy")]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server with a key that gives orders and reads metrics."""
    artifacts = tmp_path_factory.mktemp("server") / "artifacts"
    key = Keys(artifacts).add("night", Role.OPERATE, Role.METRICS)
    with Program(artifacts, trusted_proxies="127.0.0.1") as program:
        program.key = key
        yield program


def orders(server):
    """Return the ids of the orders that the server offers to its controller."""
    text = server.ask("GET", "/metrics", X_API_Key=server.key)[2].decode()
    return [line.partition('id="')[2][:32] for line in text.splitlines() if line.startswith("endeavour_order_info{")]


def lose(handler):
    """Pass on nothing, and end the connection without an answer."""
    handler.close_connection = True


def test_order_whose_answer_is_lost_is_sent_once_and_given_once(start, server, tmp_path):
    number = order_id(len(orders(server)) + 1)
    visit = ConsoleVisit(server.port, server.key)
    fields = {"proof": visit.proof, "to": "versions", "order": number, "action": "promote", "version": "2"}
    fields |= {"seen": "champion:bundled", "reason": "a try"}
    accepted = visit.send("order", fields)[0]
    with FaultProxy.before(f"http://127.0.0.1:{server.port}") as poisoned:
        poisoned.fail(lose)
        visit.port = start(tmp_path, poisoned.port).port

        lost = visit.send("order", fields)[0]

    assert (accepted, lost, poisoned.asked["/console/order"]) == (303, 503, 1)
    assert orders(server).count(number) == 1


def test_person_signs_in_behind_a_proxy_and_gives_an_order(start, server, tmp_path):
    number = order_id(len(orders(server)) + 1)
    visit = ConsoleVisit(start(tmp_path, server.port).port, server.key)
    fields = {"proof": visit.proof, "to": "versions", "order": number, "action": "promote", "version": "2"}
    fields |= {"seen": "champion:bundled", "reason": "a try"}

    forged = visit.send("order", {**fields, "proof": "0" * 64})[0]
    answers = [visit.send("order", fields) for _ in range(2)]

    assert forged == 403
    assert [(status, headers["location"]) for status, headers, _ in answers] == 2 * [(303, f"versions?order={number}")]
    assert orders(server).count(number) == 1
    assert "has not taken it yet" in visit.page(f"versions?order={number}")


def test_cookie_opens_no_other_route_and_a_long_form_needs_a_key(start, server, tmp_path):
    proxy = start(tmp_path, server.port)
    visit = ConsoleVisit(proxy.port, server.key)

    assert requested(proxy.port, "GET", "/model", Cookie=visit.cookie)[0] == 401
    assert requested(proxy.port, "POST", "/rollout/orders", {}, Cookie=visit.cookie)[0] == 401
    assert visit.send("order", {"reason": "x" * 20_000})[0] == 401
