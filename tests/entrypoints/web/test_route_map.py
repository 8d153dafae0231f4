"""Routes with variables are found once, and kept within bounds."""

import pytest
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Rule

from entrypoints.web.route_map import MAX_KEPT_PATHS, MAX_PATH_CHARACTERS, RouteAdapter, RouteMap


@pytest.fixture
def routes():
    return RouteMap([Rule("/batch", endpoint="batch", methods=["POST"]), Rule("/models/<name>", endpoint="model")])


def found(routes, path, method="GET"):
    rule, values = RouteAdapter(routes, path, method).match(return_rule=True)
    return rule.endpoint, values


def test_kept_route_has_the_values_of_its_path(routes):
    for _ in range(2):
        assert found(routes, "/batch", "POST") == ("batch", {})
        assert found(routes, "/models/a") == ("model", {"name": "a"})
        assert found(routes, "/models/b") == ("model", {"name": "b"})

    assert {path for path, _ in routes.kept_routes} == {"/models/a", "/models/b"}


def test_path_without_a_route_is_not_kept(routes):
    for path, method, error in (
        ("/", "GET", NotFound),
        ("/models/", "GET", NotFound),
        ("/batch", "GET", MethodNotAllowed),
    ):
        with pytest.raises(error):
            found(routes, path, method)

    assert routes.kept_routes == {}


def test_kept_routes_are_bounded(routes):
    for number in range(2 * MAX_KEPT_PATHS + 1):
        found(routes, f"/models/{number}")
        assert len(routes.kept_routes) <= MAX_KEPT_PATHS

    long = "/models/" + "a" * MAX_PATH_CHARACTERS
    assert found(routes, long) == ("model", {"name": long.removeprefix("/models/")})
    assert set(routes.kept_routes) == {(f"/models/{2 * MAX_KEPT_PATHS}", "GET")}
