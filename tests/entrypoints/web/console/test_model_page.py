import calendar
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from domain.data.table import LeftOut
from domain.delivery.served_model import ModelOrigin, ServedModel, ServedModels
from domain.features.category_column import CategoryColumn
from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from domain.features.target_transform import TargetTransform
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from entrypoints.web.app import create_app
from tests.support.examples import a_lineage, a_measured_version, a_model
from tests.support.mixed_tables import a_mixed_model
from tests.support.rollouts import a_served_rollout, in_rollout
from tests.support.web.long_names import long_models

MONTHS = calendar.month_name[1:]
HOSTILE = '<script>alert(1)</script>"&'


@pytest.fixture
def shown(web, client):
    """A function that returns the page for the models in service."""

    def show(models=None):
        if models:
            web.current_model.replace(models)
        response = client.get("/console/model")
        assert response.status_code == 200
        return response.text

    return show


def test_page_without_a_model_has_the_reason(shown):
    assert "this worker has not looked for one yet" in shown()


def test_plain_model_is_a_formula_with_curves_and_scores(shown):
    text = shown(in_rollout(a_model(938.2378612512634, -0.1), None))

    assert "progression = 152.919 + 938.238 · bmi − 0.1 · bp" in text
    assert re.findall(r'<h3 id="c\d">(.*?)</h3>', text) == ["bmi", "bp"]
    assert text.count('<svg class="curve"') == 2
    assert re.search(r">0\.4726<small[^>]*>0\.3100 to 0\.6000<", text)
    assert "Only 20 held-out rows: the scores are uncertain." in text
    assert "challenger" not in text


def test_challenger_is_beside_the_champion_with_the_row_where_they_differ_most(shown):
    text = shown(in_rollout(a_model(1.0, 2.0), a_served_rollout(a_model(1.5, 2.0), weight=500)))

    assert '<span class="ver b">2 challenger</span>' in text
    assert text.count('class="lb"') == 2
    assert "Version 2 instead of 1" in text
    assert "bmi=" in text
    assert re.search(r'id="change-rows".*?<td>bmi</td><td class="r num">1</td>', text)
    assert "from that in version 1, at most, in the unit of progression." in text
    assert re.search(r"<li>Predictions change by [^<]*\.</li>", text)
    assert "batch_size: 32\ntol: 1e\u221206\nseed: 0" in text


def test_version_of_an_earlier_release_has_neither_intervals_nor_warnings(shown):
    old = ModelVersion("1", a_model(), replace(a_lineage(), intervals={}, warnings=None))

    text = shown(ServedModels(ServedModel(old, ModelOrigin.REGISTRY)))

    assert "An earlier release trained this version, and kept none." in text
    assert "95 % interval" not in text


def test_any_version_is_compared_column_by_column_and_the_json_has_the_same_query(compared):
    text = compared.get("/console/model?version=2").text
    back = compared.get("/console/model?version=1&against=2").text

    assert "Version 2 instead of 1" in text
    assert '<span class="ver">1 champion</span><span class="ver b">2 </span>' in text
    assert "Clients have to send other features (added: bp), so predictions are not compared." in text
    assert re.search(r'id="added-rows".*?<td>bp</td>', text)
    assert 'href="../effects?version=2"' in text
    assert "number; not in version 1" in back
    assert "instead of" not in compared.get("/console/model?version=2&against=2").text


def test_curves_on_different_scales_are_not_drawn_together(shown):
    city = Encoding((NumberColumn("bmi"), CategoryColumn("city", ("Oslo",))))
    logarithmic = LinearModel([1.0, 2.0], 0.0, city, TargetTransform(log=True))

    text = shown(in_rollout(LinearModel([1.0, 2.0], 0.0, city), a_served_rollout(logarithmic, weight=500)))

    assert "The curves of version 2 are not drawn" in text
    assert 'class="lb"' not in text
    assert 'class="sr">version 2 ' not in text


def test_column_of_another_kind_is_named_and_too_many_columns_are_not_compared(shown):
    category = LinearModel([1.0, 2.0], 0.0, Encoding((CategoryColumn("bmi", ("high", "low")),)))
    many = LinearModel([1.0] * 101, 0.0, tuple(f"x{place}" for place in range(101)))

    assert "category in version 2" in shown(in_rollout(a_model(), a_served_rollout(category)))
    assert "more than 100 columns are not compared here" in shown(in_rollout(many, a_served_rollout(many)))


def test_page_of_a_version_that_cannot_be_shown_has_its_status_and_what_to_do(compared):
    for query, status, words in (
        ("version=9", 404, "No such version is listed."),
        ("version=0", 409, "Its files are gone."),
    ):
        refused = compared.get(f"/console/model?{query}")
        assert refused.status_code == status
        assert words in refused.text
        assert "<code>endeavour rollout start</code>" in refused.text


def test_columns_of_every_kind_have_a_curve_or_levels_and_a_logarithmic_target_percentages(shown):
    text = shown(in_rollout(a_mixed_model(), None))

    assert "percentages of the prediction" in text
    assert {"Bergen", "(empty)", "(rare levels)", "true"} <= set(re.findall(r'<th scope="row">(.*?)</th>', text))


def test_levels_of_a_calendar_are_in_its_order_and_long_names_are_cut(shown):
    text = shown(long_models())

    names = re.findall(r'<th scope="row"[^>]*>(.*?)</th>', text)
    assert [name for name in names if name in MONTHS] == list(MONTHS)
    assert [name for name in names if name in calendar.day_name] == list(calendar.day_name)
    assert f'title="{"L" * 190}">{"L" * 39}…<' in text


def test_run_is_a_link_to_the_pages_of_mlflow_if_mlflow_keeps_it(web):
    pages = "https://mlflow.example/team"
    client = create_app(replace(web, run_pages=pages)).test_client()
    for run_id, linked in (("a" * 32, True), ("20261129T120000", False), ("javascript:alert(1)//" + "a" * 11, False)):
        version = ModelVersion("1", a_model(), a_lineage(run_id=run_id))
        web.current_model.replace(ServedModels(ServedModel(version, ModelOrigin.REGISTRY)))

        text = client.get("/console/model").text

        assert (f'<a href="{pages}/#/runs/{run_id}" rel="noreferrer">' in text) == linked
        assert ('<a href="https' in text) == linked


def test_settings_name_a_few_of_many_columns(shown):
    lineage = replace(a_lineage(), settings={"features": ", ".join(f"x{place}" for place in range(200)), "seed": 0})

    text = shown(ServedModels(ServedModel(ModelVersion("1", a_model(), lineage), ModelOrigin.REGISTRY)))

    assert ", x19 and 180 more\nseed: 0" in text


def test_target_is_no_column_that_is_left_out(shown):
    left_out = (LeftOut("progression", "is the target"), LeftOut("id", "names a row"))
    encoding = Encoding((NumberColumn("bmi"),), left_out=left_out)

    text = shown(in_rollout(LinearModel([1.0], 0.0, encoding), None))

    assert "<dt>left out</dt><dd>id (names a row)</dd>" in text


def test_density_of_the_training_rows_stands_behind_a_curve(shown):
    version = a_measured_version(np.random.default_rng(0).normal(size=(800, 1)))

    text = shown(ServedModels(ServedModel(version, ModelOrigin.REGISTRY)))

    drawn = re.findall(r"M\d+ 1000v-(\d+)h(\d+)v\d+z", text)
    assert len(drawn) == 10  # deciles
    assert sum(int(width) for _, width in drawn) == pytest.approx(1000, abs=10)  # each is rounded
    (middle, _), (tail, _) = drawn[5], drawn[0]
    assert int(middle) > 2 * int(tail)


def test_density_of_whole_numbers_is_that_of_their_values_however_their_deciles_fall(shown):
    for most in (2, 3, 7, 11, 30):
        values = np.random.default_rng(1).integers(1, most + 1, size=(8_000, 1)).astype(float)
        version = a_measured_version(values)

        text = shown(ServedModels(ServedModel(version, ModelOrigin.REGISTRY)))

        drawn = [tuple(map(int, bar)) for bar in re.findall(r"M(\d+) 1000v-(\d+)h(\d+)v\d+z", text)]
        assert max(height for _, height, _ in drawn) < 1.25 * min(height for _, height, _ in drawn), most
        for (start, _, width), (following, *_) in pairwise(drawn):
            assert following == pytest.approx(start + width, abs=1), most  # each is rounded


def test_density_of_a_frequent_value_is_a_bar_of_its_share(shown):
    random = np.random.default_rng(1)
    values = np.where(random.random((8_000, 1)) < 0.3, 0.0, random.uniform(0.0, 1.001, size=(8_000, 1)))

    text = shown(ServedModels(ServedModel(a_measured_version(values), ModelOrigin.REGISTRY)))

    drawn = [tuple(map(int, bar)) for bar in re.findall(r"M(\d+) 1000v-(\d+)h(\d+)v\d+z", text)]
    areas = [height * width for _, height, width in drawn]
    assert drawn[0][:1] == (0,)
    assert areas[0] / sum(areas) == pytest.approx(0.3, abs=0.02)


def test_names_of_columns_are_shown_as_text(shown):
    text = shown(in_rollout(LinearModel([1.0], 0.0, (HOSTILE,)), None))

    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&amp;" in text
    assert "<script>alert" not in text


def test_wide_model_is_shown_within_the_budget_of_a_page(shown):
    names = tuple(f"a column with a rather long name, number {place}" for place in range(10_000))

    text = shown(in_rollout(LinearModel([1.0] * len(names), 0.0, names), None))

    assert len(text.encode()) < 30_000
    assert "and 9938 more with smaller effects" in text
