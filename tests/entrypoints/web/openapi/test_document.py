"""OpenAPI document: describes every route, with bounds and features of the served model."""

import re

import orjson
import pytest

from domain.access.api_key import ApiKey, KeyRing, Role, digest_of
from domain.data.table import LeftOut
from domain.features.category_column import CategoryColumn
from domain.features.datetime_column import DatetimeColumn
from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from domain.features.spline import Spline
from entrypoints.web.openapi import document as module
from entrypoints.web.openapi.document import render_document
from entrypoints.web.openapi.operations import DocumentSubject
from entrypoints.web.wire import error_codes as codes
from entrypoints.web.wire.request_limits import RequestLimits
from tests.support.examples import NOON, a_model
from tests.support.web.dependencies import MAX_ROWS

# A path with its method is an operation; routes of GET answer HEAD too, without a description of its own.
IMPLIED = {"HEAD"}
WIDE = tuple(f"x{number}" for number in range(30_000))
MIXED = Encoding(
    (
        NumberColumn("area", spline=Spline(12.0, 340.0), has_gaps=True, low=12.0, high=340.0),
        NumberColumn("rooms"),
        NumberColumn("new", "boolean"),
        CategoryColumn("city", ("Bergen", "Oslo")),
        DatetimeColumn("sold", 0.0, 0.0, Spline(0.0, 2.0)),
    ),
    left_out=(LeftOut("id", "numbers the rows"),),
)
NAMES = ("bmi", "bp", 's"1', "Größe <b>", "a b")


def rendered(features, keys_needed=False):
    encoding = features if isinstance(features, Encoding) else Encoding.of_numbers(features)
    return render_document(DocumentSubject("endeavour", "7", encoding, None, RequestLimits(100_000, 3000), keys_needed))


def about(features=("bmi", "bp"), keys_needed=False):
    return orjson.loads(rendered(features, keys_needed))


def operations(document):
    paths = document["paths"].items()
    return {(path, method): described for path, methods in paths for method, described in methods.items()}


def test_every_route_but_those_of_the_console_is_described_and_no_other(one_feature):
    served = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in one_feature.application.url_map.iter_rules()
        if not rule.rule.startswith("/console")
        for method in rule.methods - IMPLIED
    }

    assert set(operations(one_feature.get("/openapi.json").json)) == served


@pytest.mark.slow
def test_document_of_a_wide_model_is_no_larger_than_that_of_a_hundred_features():
    hundred, thousands = rendered(WIDE[:100]), rendered(WIDE)

    assert b'"x99"' in hundred
    assert len(thousands) < len(hundred)


@pytest.mark.parametrize(
    ("features", "keys_needed"), [(NAMES[:1], True), (NAMES, False), (WIDE[:300], True), (MIXED, False)]
)
def test_document_is_openapi_whose_references_have_a_target(features, keys_needed):
    from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

    raw = rendered(features, keys_needed)
    document, references = orjson.loads(raw), set(re.findall(r'"\$ref":"(.*?)"', raw.decode()))

    assert references
    assert document["openapi"] == "3.1.0"
    assert [error.message for error in OPENAPI_31_VALIDATOR.iter_errors(document)] == []
    for reference in references:
        place = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
    names = [operation["operationId"] for operation in operations(document).values()]
    assert len(set(names)) == len(names)


def test_bounds_are_those_that_are_enforced(two_features):
    schemas = two_features.get("/openapi.json").json["components"]["schemas"]
    number, rows = schemas["Number"], schemas["Batch"]["properties"]["X"]

    assert (number["minimum"], number["maximum"], rows["maxItems"]) == (-1e300, 1e300, MAX_ROWS)
    for most, row in [(number["maximum"], 0), (0, number["minimum"])]:
        assert two_features.post("/stream", json={"X": [row, most]}).status_code == 200
        assert two_features.post("/stream", json={"X": [row * 1.01, most * 1.01]}).status_code == 422
    assert two_features.post("/batch", json={"X": [[0, 0]] * rows["maxItems"]}).status_code == 200
    assert two_features.post("/batch", json={"X": [[0, 0]] * (rows["maxItems"] + 1)}).status_code == 422


def test_features_are_named_exactly():
    schemas = about(NAMES)["components"]["schemas"]

    named, ordered = schemas["Row"]["anyOf"]
    assert (tuple(named["properties"]), tuple(named["required"])) == (NAMES, NAMES)
    assert named["additionalProperties"] is False
    assert (ordered["minItems"], ordered["maxItems"]) == (5, 5)
    # A number alone is a row of a model of one feature.
    assert [len(about(NAMES[:count])["components"]["schemas"]["Row"]["anyOf"]) for count in (1, 2)] == [3, 2]


def test_cells_are_described_by_kind():
    schemas = about(MIXED)["components"]["schemas"]
    named, ordered = schemas["Row"]["anyOf"]

    assert named["properties"].pop("id") == {"description": "Not read: numbers the rows."}
    references = list(named["properties"].values())
    assert ordered["prefixItems"] == references
    area, rooms, new, city, sold = (schemas[each["$ref"].rpartition("/")[2]] for each in references)
    assert named["required"] == ["rooms", "new", "city", "sold"]
    assert rooms == schemas["Number"]
    assert (area["type"], area["description"]) == (["number", "null"], "12 to 340 in the training rows.")
    assert (new["type"], new["minimum"], new["maximum"]) == (["boolean", "integer"], 0, 1)
    assert (city["type"], city["examples"]) == (["string", "integer"], ["Bergen", "Oslo"])
    assert sold["anyOf"] == [{"format": "date"}, {"format": "date-time"}]


def test_problems_list_their_codes(two_features):
    answers = two_features.get("/openapi.json").json["paths"]["/stream"]["post"]["responses"]

    for status, answer in answers.items():
        if status != "200":
            (content,) = answer["content"].values()
            narrowed = content["schema"]["allOf"][1]["properties"]
            assert narrowed["status"]["const"] == int(status)
            assert set(narrowed["code"]["enum"]) == set(codes.CODES[int(status)]) - {
                "bad_csv",
                "duplicate_key",
                "invalid_parameter",
                "invalid_token",
                "not_found",
                "unknown_version",
                "unreadable",
            }
            assert content["example"]["code"] in narrowed["code"]["enum"]
    assert set(answers) >= {"200", "400", "413", "415", "422", "429", "500", "503"}
    assert "Retry-After" in answers["429"]["headers"]
    assert "Retry-After" in answers["503"]["headers"]


def test_keys_are_required_of_every_operation_but_those_that_are_open():
    document = about(keys_needed=True)

    open_ = {path for (path, _), operation in operations(document).items() if not operation["security"]}
    assert open_ == {"/livez", "/readyz", "/ping", "/v2/health/live", "/v2/health/ready", "/", "/docs", "/docs/{name}"}
    assert set(document["components"]["securitySchemes"]) == {"bearer", "key"}
    for (path, _), operation in operations(document).items():
        assert ("401" in operation["responses"]) is (path not in open_)
        # These take any key.
        assert ("403" in operation["responses"]) is (path not in {*open_, "/openapi.json", "/figures"})

    document = about(keys_needed=False)
    assert "securitySchemes" not in document["components"]
    assert all(operation["security"] == [] for operation in operations(document).values())
    refusing = {path for (path, _), each in operations(document).items() if {"401", "403"} & set(each["responses"])}
    # Orders take a key.
    assert refusing == {f"/rollout/{order}" for order in ("pause", "resume", "abort", "orders")}


def test_document_describes_keys_as_soon_as_there_are_any(web, one_feature):
    before = one_feature.get("/openapi.json").json
    key = ApiKey("id", "me", digest_of("id.secret"), frozenset({Role.METRICS}), NOON)
    web.active_keys.ring = KeyRing((key,))

    without = one_feature.get("/openapi.json")
    after = one_feature.get("/openapi.json", headers={"X-API-Key": "id.secret"}).json

    assert without.status_code == 401
    assert not before["paths"]["/stream"]["post"]["security"]
    assert after["paths"]["/stream"]["post"]["security"] == [{"bearer": []}, {"key": []}]


def test_document_is_made_once_for_each_version(serving, mocker):
    made = mocker.spy(module, "render_document")

    for version, slopes in [("1", (1.0,)), ("1", (1.0,)), ("2", (1.0, 2.0)), ("2", (1.0, 2.0))]:
        document = serving(a_model(*slopes), version).get("/openapi.json").json
        assert f"`{version}`" in document["info"]["description"]
        assert len(document["components"]["schemas"]["Row"]["anyOf"][-2]["required"]) == len(slopes)

    assert made.call_count == 2


def test_without_a_model_there_is_no_document(client):
    assert client.get("/openapi.json").status_code == 503
