"""The examples of docs/open-inference.md are what is really asked and answered."""

import re
from pathlib import Path

import orjson

from tests.support.web.open_inference import INFER

PAGE = (Path(__file__).parents[5] / "docs" / "open-inference.md").read_text(encoding="utf-8")
EXAMPLES = [orjson.loads(text) for text in re.findall(r"^```json\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)]


def test_examples_of_the_page_are_asked_and_answered_so(two_features):
    at_once, answer, by_feature, error = EXAMPLES
    ask = {"headers": {"X-Request-Id": error["request_id"]}}

    assert two_features.post(INFER, json=at_once).json == answer
    assert two_features.post(INFER, json=by_feature).json["outputs"] == answer["outputs"]
    assert two_features.post(INFER, json={"inputs": by_feature["inputs"][1:]}, **ask).json == error


def test_routes_of_the_page_are_all_there_are(two_features):
    paths = re.findall(r"^\| `(GET|POST) (/\S+)` \|", PAGE, re.MULTILINE)
    rules = {rule.rule for rule in two_features.application.url_map.iter_rules() if rule.rule.startswith("/v2")}

    assert {path.replace("endeavour", "<name>") for _, path in paths} == {
        rule for rule in rules if "<version>" not in rule and rule != "/v2/"
    }
    assert all(two_features.open(path, method=method).status_code in (200, 400) for method, path in paths)
