import re
from html import unescape
from importlib.resources import files
from urllib.parse import urlencode

import numpy as np
import orjson
import pytest

from domain.delivery.served_model import ModelOrigin, ServedModel, ServedModels
from domain.model.linear_model import LinearModel
from entrypoints.web.console.pages import console_pages
from tests.support.examples import a_measured_version, a_model
from tests.support.mixed_tables import a_mixed_model
from tests.support.rollouts import a_served_rollout, in_rollout
from tests.support.web.console_session import ConsoleSession

# The budget of a first visit, without the files that all pages share.
MAX_PAGE_BYTES = 60_000 - sum(
    len(file.read_bytes()) for file in (files("entrypoints.web.console") / "assets").iterdir()
)
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def shown(web, client):
    """A function that returns the page for models in service and fields of the form."""

    def show(models=None, **fields):
        if models:
            web.current_model.replace(models)
        response = client.get("/console/try?" + urlencode(fields))
        assert response.status_code == 200
        return response.text

    return show


def answer(text):
    return re.search(r'<p class="big">(?:<span id="y">)?(.*?)<', text)[1]


def curl_row(text):
    return orjson.loads(unescape(re.search(r'id="curl-row">(.*?)</span>', text)[1]))


def test_page_without_a_model_has_the_reason(shown):
    assert "this worker has not looked for one yet" in shown()


def test_form_is_answered_without_a_script_and_its_curl_gets_the_same_prediction(shown, client):
    text = shown(in_rollout(a_model(2.0, -1.0), None), **{"x.0": "3.5", "x.1": "2"})

    assert answer(text) == "157.9"
    assert curl_row(text) == {"bmi": 3.5, "bp": 2}
    assert client.post("/stream", json={"X": curl_row(text)}).json["result"] == pytest.approx(157.91886, abs=1e-5)
    assert re.findall(r'name="(x\.\d)" value="(.*?)"', text) == [("x.0", "3.5"), ("x.1", "2")]


def test_command_has_the_address_of_the_request_unless_it_is_malformed(web):
    web.current_model.replace(in_rollout(a_model(), None))
    session = ConsoleSession(web)
    expected = {
        "models.example:8443": "http://models.example:8443/stream<",
        "[::1]:8000": "http://[::1]:8000/stream<",
        "a$(reboot)": ">/stream<",
        "a'b": ">/stream<",
    }

    for host, address in expected.items():
        text = session.client.get("/console/try", headers={"Host": host, "X-API-Key": session.key}).text

        assert address in text, host


def test_first_visit_shows_an_example_row(shown):
    text = shown(in_rollout(a_mixed_model(), None))

    assert answer(text) != "–"
    assert "<option selected>false</option>" in text
    assert set(re.findall(r'<input type="(\w+)"', text)) == {"number", "text"}


def test_density_is_beside_each_slider_and_bars_name_the_predictions_that_they_show(shown):
    values = np.random.default_rng(0).normal(10.0, 1.0, size=(2_000, 1))
    version = a_measured_version(values)
    edges = version.distributions.predictions.bins.edges

    text = shown(ServedModels(ServedModel(version, ModelOrigin.REGISTRY)), **{"x.0": "10"})

    assert "the probability may be lower" not in text
    assert "the probability may be lower" in shown(**{"x.0": "99"})
    assert re.search(r'<svg class="hist"[^>]*aria-label="bmi in the training rows"><path [^>]*/></svg><input', text)
    low, high = (f"{end:.4g}" for end in (edges[0], edges[-1]))
    found = re.search(r"the middle (\d+) % of the training rows, from (.*?) to (.*?)\.<", text)
    assert found is not None
    assert abs(int(found[1]) - 80) <= 4
    assert found.groups()[1:] == (low, high)


def test_value_that_the_model_refuses_is_named_at_its_field(shown):
    models = in_rollout(a_mixed_model(), None)
    row = {"x.0": "", "x.1": "true", "x.2": "Bergen", "x.3": "2024-01-01"}
    wrong = {"x.0": ("1_000", "abc", "inf", "nan", "0x1"), "x.1": ("maybe", ""), "x.3": ("yesterday", "")}

    assert answer(shown(models, **row)) != "–"
    for name, values in wrong.items():
        for value in values:
            text = shown(models, **row | {name: value})
            assert answer(text) == "–", (name, value)
            assert re.search(rf'id="p{name[-1]}">[^<]', text), (name, value)
    assert "No prediction. sold: " in text
    assert "the steps add up" not in text


def test_texts_of_the_query_and_names_of_columns_are_shown_as_text(shown):
    text = shown(in_rollout(LinearModel([1.0], 0.0, (HOSTILE,)), None), **{"x.0": HOSTILE})

    assert "<script>alert" not in text
    assert "\\u0027" in shown(in_rollout(LinearModel([1.0], 0.0, ("it's",)), None), **{"x.0": "1"})


def test_challenger_predicts_beside_the_champion(shown):
    text = shown(in_rollout(a_model(1.0), a_served_rollout(a_model(3.0))), **{"x.0": "2"})

    assert '<span class="ver b">2 challenger</span> predicts <strong class="num">158.9</strong>' in text
    assert ">+4<" in text


def test_model_of_many_columns_takes_cells_as_json_and_the_others_of_an_example(shown):
    names = tuple(f"x{place}" for place in range(25))
    models = in_rollout(LinearModel([1.0] * 25, 0.0, names), None)

    assert answer(shown(models, json=orjson.dumps(dict.fromkeys(names, 2)).decode())) == "50"
    assert answer(shown(models, json='{"x0": 1}')) == "5.8"  # 24 columns of the example are 0.2
    assert curl_row(shown(models, json='{"x0": 1}')) == {"x0": 1}
    assert answer(shown(models, row="2")) == "12.2"
    for wrong in ("", "[", "[1]", "'", '{"x0": [1]}', '{"x": 1}', "[" * 5_000, '{"x0": "' + "9" * 400 + '"}'):
        text = shown(models, json=wrong)
        assert answer(text) == "–", wrong
        assert 'class="outside" id="jp">' in text
        assert "&#39;" not in re.search(r'id="curl-row">(.*?)</span>', text)[1]
    row = dict.fromkeys(names, 2) | {"x7": "large"}
    for large in ("1e999", "9" * 400):
        assert "No prediction. x7: " in shown(models, json=orjson.dumps(row).decode().replace('"large"', large))
    assert "must be a JSON object" in shown(models, json=orjson.dumps(row).decode().replace('"large"', "NaN"))


def test_command_of_a_wide_model_takes_the_example_of_the_api(shown, client):
    names = tuple(f"x{place}" for place in range(25))
    text = shown(in_rollout(LinearModel([1.0] * 25, 0.0, names), None), json='{"x0": 1}')

    command = unescape(re.sub("<[^>]*>", "", re.search(r'<pre id="curl">(.*?)</pre>', text)[1]))
    row = client.get("/model").json["example"] | curl_row(text)
    assert command == (
        "curl -s http://localhost/model | jq '{X: (.example + {\"x0\": 1})}'"
        " | curl -s http://localhost/stream -H 'Content-Type: application/json' -d @-"
    )
    assert client.post("/stream", json={"X": row}).json["result"] == pytest.approx(5.8)
    assert "jq '{X: (.example + {})}'" in unescape(client.get("/console/").text)


def test_pages_of_wide_models_with_long_names_stay_within_the_budget_of_a_page(web, client):
    for width, length in ((24, 250), (1_500, 200), (10_000, 60)):
        names = tuple(f"{place} {'n' * length}" for place in range(width))
        model = LinearModel([1.0 + place for place in range(width)], 0.0, names)
        web.current_model.replace(in_rollout(model, a_served_rollout(model)))
        for page in console_pages(web):
            size = len(client.get(f"/console/{page.path}").data)
            assert size < MAX_PAGE_BYTES, (width, length, page.path)
