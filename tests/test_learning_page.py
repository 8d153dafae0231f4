"""The page on learning prints what the code prints, knows every word of it, and shows what its script draws."""

import io
import re
from contextlib import redirect_stdout
from dataclasses import fields
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from docs.img import draw_learning
from domain.dataset import Dataset
from domain.sgd import SGD, FitReport, StopReason

PAGE = (Path(__file__).parent.parent / "docs" / "learning.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```\n\n```\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
# Bytes of a picture that a page loads at once.
LARGEST_PICTURE = 100_000


def section(title):
    return re.split(r"^## ", PAGE.partition(f"\n## {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def first_column(table):
    """Return the words between backticks in the first cell of each row."""
    return {
        word for cell in re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE) for word in re.findall(r"`(\w+)`", cell)
    }


def points(case, series):
    rows = [row for row in draw_learning.read(draw_learning.PASSES) if (row["case"], row["series"]) == (case, series)]
    return {int(row["pass"]): float(row["excess"]) for row in rows}


@pytest.mark.parametrize(("code", "printed"), EXAMPLES)
def test_example_prints_what_the_page_says(code, printed):
    out = io.StringIO()

    with redirect_stdout(out):
        exec(compile(code, "docs/learning.md", "exec"), {})  # noqa: S102 - the page is ours

    assert out.getvalue() == printed


def test_page_has_an_example_of_plain_descent_and_of_the_report():
    assert len(EXAMPLES) == 2


def test_every_field_of_the_report_is_explained():
    names = {field.name for field in fields(FitReport)} | {"warning"}

    explained = first_column(section("How to read the report"))

    assert explained == names | set(get_args(StopReason))


def test_every_setting_is_explained():
    assert first_column(section("Settings")) == {field.name for field in fields(SGD)}


@pytest.mark.parametrize("setting", ["tol", "max_passes", "seed"])
def test_default_of_a_setting_is_what_the_page_says(setting):
    default = re.search(rf"^\| `{setting}` \| (\S+) \|", PAGE, re.MULTILINE).group(1)

    assert float(default) == getattr(SGD(), setting)


def test_every_step_has_a_link_to_its_file():
    linked = set(re.findall(r"\]\(\.\./domain/sgd/(\w+)\.py\)", PAGE))

    steps = {"sample", "preconditioner", "whitened", "solve", "descent", "guard", "certificate", "refinement"}
    assert linked >= steps | {"spread", "precision", "plain", "quadratic", "gradient_descent"}


@pytest.mark.parametrize("name", draw_learning.PICTURES)
def test_committed_picture_is_what_the_script_draws(name):
    committed = (draw_learning.HERE / name).read_text(encoding="utf-8")

    assert committed == draw_learning.svg(name)


@pytest.mark.parametrize("name", draw_learning.PICTURES)
def test_picture_is_small_white_and_shown_on_the_page(name):
    text = (draw_learning.HERE / name).read_text(encoding="utf-8")

    ET.fromstring(text)  # noqa: S314 - drawn by our own script
    assert len(text.encode()) < LARGEST_PICTURE
    assert "fill: #ffffff" in text
    assert f"](img/{name})" in PAGE


@pytest.mark.parametrize("case", draw_learning.CASES)
def test_kept_certificates_are_the_truth_or_above_it(case):
    truth, estimate = points(case, "truth"), points(case, "estimate")

    # 0.7 is what the page promises; below 1e-16 both are rounding.
    assert all(estimate[number] >= 0.7 * truth[number] for number in estimate if truth[number] > draw_learning.ROUNDING)


def test_kept_passes_are_those_of_the_learner():
    features, target = draw_learning.table("sorted")
    names = tuple(f"x{column}" for column in range(features.shape[1]))

    report = SGD(tol=draw_learning.TOL).fit(Dataset(features, target, names, "y")).report

    # Rounding differs between processors: the gradients of an excess of 1e-12 have 1e-16 / 1e-6 of it.
    assert report.excess_risk == pytest.approx(list(points("sorted", "estimate").values()), rel=1e-4)


@pytest.mark.parametrize("method", ["one pass", "certified"])
def test_kept_times_are_of_fits_that_found_the_optimum(method):
    rows = [row for row in draw_learning.read(draw_learning.TIMES) if row["method"] == method]

    assert [int(row["rows"]) for row in rows] == list(draw_learning.SIZES)
    # 10,000 rows leave a single pass 16 blocks of 625, whose Hessians differ most: 2 k² / (B n √T) is 3.2e-5.
    assert np.max([float(row["excess"]) for row in rows]) < (3.2e-5 if method == "one pass" else 1e-6)
