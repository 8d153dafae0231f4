"""The application: paths and methods that no route has, and the status of every domain error."""

from domain.delivery.errors import NoModelLoaded
from domain.model.errors import InvalidRow
from entrypoints.web.wire.error_codes import DOMAIN_ERRORS
from tests.contracts.json_endpoint import CANARY


def test_other_paths_are_404(one_feature):
    for path in (
        *("//", "/stream/", "//stream", "/static/x", "/\xff", "/model/../stream", "/v2x", "/ping/x"),
        *(f"/v2/{CANARY}", "/v2/models/", f"/v2/models/{CANARY}", f"/v2/models/endeavour/versions/{CANARY}"),
    ):
        # The client of Werkzeug takes the first word of //stream for a host.
        response = one_feature.get(environ_overrides={"PATH_INFO": path})

        assert (response.status_code, CANARY in response.text) == (404, False), path
        assert response.json.get("code") == "not_found"


def test_error_has_the_format_of_the_url_prefix(one_feature):
    paths = ("/model", "/v2x", "/pings", "/v2/models/x", "/invocations", "/version")
    members = {path: set(one_feature.patch(path).json) for path in paths}

    assert one_feature.patch("/model").headers["Allow"] == "GET, HEAD"
    assert members["/v2x"] == members["/pings"] == members["/model"]
    assert members["/v2/models/x"] == members["/model"] | {"error"}
    assert members["/invocations"] == members["/version"] == {"error_code", "message", "code", "request_id", "errors"}


def test_route_is_found_by_path_and_method_with_any_scheme(one_feature):
    for path, status in (("/stream", 405), ("/livez", 200), ("/nothing", 404)):
        for scheme in ("http", "https", "ws", "wss"):
            assert one_feature.get(path, environ_overrides={"wsgi.url_scheme": scheme}).status_code == status


def test_every_error_of_a_row_and_of_a_missing_model_has_a_status_of_its_own():
    """The other errors of the domain are not raised in a request, and would be answered with 500."""
    for base in (InvalidRow, NoModelLoaded):
        assert {base, *base.__subclasses__()} <= DOMAIN_ERRORS.keys()
