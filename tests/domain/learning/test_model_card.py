import json
import re
import shlex
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from domain.data.number_text import number_text
from domain.data.table import LeftOut
from domain.learning.documents import to_html, to_markdown
from domain.learning.model_card import MAX_EXAMPLE_COLUMNS, MAX_TABLE_ROWS, model_card
from domain.learning.terms.choice import TermCandidate
from domain.model.calibration import Calibration
from domain.model.model_version import MAX_WARNING_CHARACTERS, MAX_WARNINGS
from domain.model.prediction_input import input_values
from tests.support.examples import HOSTILE, a_hostile_training, a_training

PICTURE = {"plots/fit.png": b"\x89PNG"}
TAGS = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "ul", "li", "table", "tr", "th", "td"}


class Read(HTMLParser):
    """Tags, names of attributes, and text of a document, as a browser reads them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.text = set(), set(), ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def training():
    training = a_hostile_training(log_target=True)
    left_out = (LeftOut("\x1b[2J\u202e<img src=x>", "has a control character"), LeftOut("", "has no name"))
    model = replace(training.fit.model, encoding=replace(training.fit.model.encoding, left_out=left_out))
    return replace(
        training,
        fit=replace(training.fit, model=model),
        candidates=(TermCandidate("linear", 56, 1.0, 0.51239, 3.0, 0.2, True),),
        notes=("<i>_y_",),
        warnings=("<b> *x*",),
        settings={"data": "<img src=x onerror=alert(1)>", "penalty": 1.0},
    )


def test_names_and_levels_are_text_in_both_forms(training):
    card = model_card(training, PICTURE)

    page = Read(to_html(card, PICTURE))
    assert page.tags == TAGS | {"pre", "code", "img"}
    assert page.attributes == {"lang", "charset", "http-equiv", "content", "alt", "src"}
    for text in (
        *HOSTILE,
        *training.fit.model.feature_names,
        training.settings["data"],
        *training.warnings,
        *training.notes,
    ):
        assert text in page.text
    markdown = re.sub(r"^```.*?^```$", "", to_markdown(card), flags=re.DOTALL | re.MULTILINE)
    assert not re.search(r"(?<!\\)<|[\x00-\x09\x0b-\x1f\u202e]", markdown + page.text.replace("<", ""))


def test_commands_hold_a_row_that_has_the_stated_prediction(training):
    model, markdown = training.fit.model, to_markdown(model_card(training))

    (curl,) = re.findall(r"^curl .*$", markdown, re.MULTILINE)
    (predict,) = re.findall(r"^endeavour predict .*$", markdown, re.MULTILINE)
    row = json.loads(shlex.split(curl)[-1])["X"]
    assert json.loads(shlex.split(predict)[-1]) == [row]
    prediction = float(model.predict(input_values([row], model.encoding))[0])
    assert f"the prediction is {number_text(prediction, 6)}." in markdown
    (python,) = re.findall(r"^import mlflow.*?(?=^`)", markdown, re.DOTALL | re.MULTILINE)
    compile(python, "card", "exec")


def test_card_of_many_columns_is_bounded():
    training = a_training(rows=200, features=max(MAX_TABLE_ROWS, MAX_EXAMPLE_COLUMNS) + 5)

    calibration = Calibration(9, np.arange(9.0))
    many = replace(training, warnings=("oneline\n" * 100,) * 1_000, intervals={}, calibration=calibration)
    markdown = to_markdown(model_card(many))

    assert "… and 5 more columns" in markdown
    assert "Fewer than 10 held-out rows" in markdown
    assert "Prediction intervals: 90 % of targets lie within" in markdown
    assert "curl" not in markdown
    assert (len(many.all_warnings), many.all_warnings[-1]) == (MAX_WARNINGS, "there are 981 more warnings")
    assert {len(text) for text in many.all_warnings[:-1]} == {MAX_WARNING_CHARACTERS}
    assert len(markdown) < 10_200
