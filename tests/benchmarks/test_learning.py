"""The benchmark runs, and says what it is asked to say; how fast anything is, a test does not judge."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.learning import contest
from benchmarks.learning.contest import Contest, Result
from benchmarks.learning.findings import Bar, Finding, Unit
from benchmarks.learning.measurements import Measurements
from benchmarks.learning.page import page

# All are about the lines of one run.
pytestmark = pytest.mark.xdist_group("bench-learning")

ROOT = Path(__file__).parents[2]

WORKS = (
    "20,000 × 20, certified ≤ 1e-6",
    "20,000 × 20, one pass",
    "20,000 × 100, certified ≤ 1e-6",
    "40,000 × 20, certified ≤ 1e-6",
    "diabetes, 442 × 10",
    "textbook, 15,000 steps, diabetes, all losses",
    "Parquet, 40,000 × 10, one pass",
    "Parquet, 40,000 × 10, a certifying pass",
    "Parquet, 40,000 × 10, certified ≤ 1e-6",
    "20,000 × 20, building the Dataset",
    "20,000 × 20, certified ≤ 1e-6, default number of BLAS threads",
)
CONTENDERS = (
    contest.PRODUCT,
    contest.ONE_PASS,
    contest.CERTIFIED,
    contest.NORMAL_EQUATIONS,
    contest.RIDGE,
    contest.LSTSQ,
    contest.LINEAR_REGRESSION,
)


@pytest.fixture(scope="module")
def lines():
    """The cells of all tables that a quick run prints."""
    program = [sys.executable, "-m", "benchmarks.learning", "--quick"]
    run = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True, encoding="utf-8")
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in run.stdout.splitlines() if "|" in line]


def test_every_work_is_measured(lines):
    works = {cells[0] for cells in lines}

    assert works.issuperset(WORKS)
    assert any(work.startswith("Parquet, peak memory") for work in works)


@pytest.mark.parametrize("size", ["442 × 10", "20,000 × 20", "20,000 × 100", "40,000 × 20"])
def test_every_contender_takes_part(lines, size):
    contenders = {cells[1] for cells in lines if cells[0] == size}

    assert contenders.issuperset(CONTENDERS)


def test_true_excess_is_told_of_all_who_answer(lines):
    answers = [cells for cells in lines if len(cells) == 6 and cells[1] in CONTENDERS and cells[1] != contest.PRODUCT]

    assert len(answers) > 20
    assert all(re.fullmatch(r"(< )?\d(\.\d)?e-\d+", cells[4]) for cells in answers)


def test_certified_fits_are_as_near_as_they_say(lines):
    excesses = [float(cells[3]) for cells in lines if cells[0].endswith("≤ 1e-6") and cells[1] == "true excess"]

    # The certificate is an estimate, within 10 % of the truth on such rows.
    assert len(excesses) == 4
    assert max(excesses) <= 1.1e-6


def test_a_bar_is_missed_below_the_least_and_above_the_most():
    findings = [Finding("work", "measure", value, Bar(0.9, 1.1), Unit.TIMES) for value in (0.8, 1.0, 1.2, float("nan"))]

    missed = [finding.missed for finding in findings]

    assert missed == [True, False, True, True]


def test_page_has_one_sentence_a_line_and_no_gap():
    one_thread = [a_contest(size) for size in ("442 × 10", "1,000 × 20", "1,000 × 100", "10,000 × 20")]
    found = Measurements([Finding("work", "measure", 2.0, Bar(most=1.0))], one_thread, a_contest("1,000 × 20"))

    text = page(found, {"processor": "fast"}, group_rows=1000)

    assert re.search(r"^\| work \| measure \| ≤ 1 × \| 2 × +\| missed \|", text, re.MULTILINE)
    assert not re.search(r"[{}]|nan", text)
    assert not re.search(r"[.!?:] [A-Z]", re.sub(r"^\|.*$|[A-Z]: [A-Z] B C|A B C, A B C", "", text, flags=re.MULTILINE))


def a_contest(size):
    names = (*CONTENDERS, contest.BUILD, contest.DEFAULT_REGRESSOR, "SGDRegressor(eta0=0.01)")
    return Contest(size, 1000, {name: Result(1.0, 1e-9, 5) for name in names})
