"""Benchmarks: they run and fill the places of docs/benchmarks.md; no test compares times."""

import re
import shutil
import subprocess
import sys

import pytest

from benchmarks import report
from benchmarks.report import Finding

QUICK = {
    "learning": [
        "20,000 × 100, certified ≤ 1e-6",
        "Parquet, peak memory",
        "442 × 10, CSV",
        "442 × 10, Parquet, `endeavour train`",
        "`endeavour models`, csv store",
    ],
    "serving": [
        "one record, one feature, /stream",
        "1,000 rows, 10 features, by MLflow's",
        "JSON, 2,000",
        "the only worker",
        "numbers, texts, a boolean and a date",
    ],
}


def test_a_bar_is_missed_below_the_least_and_above_the_most():
    findings = [Finding("work", "measure", value, 0.9, 1.1) for value in (0.8, 1.0, 1.2, float("nan"))]

    assert [finding.missed for finding in findings] == [True, False, True, True]
    assert findings[0].bar == "0.9 × to 1.1 ×"


def test_missed_bars_come_first_and_findings_without_a_bar_have_a_table_of_their_own():
    findings = [Finding("met", "m", 1.0, most=2.0), Finding("free", "m", 1.0), Finding("missed", "m", 3.0, most=2.0)]

    bars, comparisons = report.bars_table(findings), report.comparisons_table(findings)

    assert [line.split()[1] for line in bars.splitlines()[2:]] == ["missed", "met"]
    assert [line.split()[1] for line in comparisons.splitlines()[2:]] == ["free"]


@pytest.mark.parametrize("missed", [["learning"], ["serving"], ["learning", "serving"], []])
def test_make_bench_measures_the_server_too_and_fails_if_either_misses_a_bar(tmp_path, missed):
    python, asked = tmp_path / "bin/python", tmp_path / "asked"
    python.parent.mkdir()
    ends = "".join(f"*.{name}) exit 1;; " for name in missed)
    python.write_text(f'#!/bin/sh\necho "$2" >> {asked}\ncase "$2" in {ends}esac\n')
    python.chmod(0o755)
    present = [f"--old-file={tmp_path / 'test'}", "--old-file=.venv-mlserver/done"]

    run = subprocess.run(
        [str(shutil.which("make")), "bench", f"VENV={tmp_path}", *present], cwd=report.ROOT, check=False
    )

    assert asked.read_text().split() == ["benchmarks.learning", "benchmarks.serving"]
    assert bool(run.returncode) == bool(missed)


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
def test_quick_run_measures_everything_that_the_page_shows(name):
    program = [sys.executable, "-m", f"benchmarks.{name}", "--quick"]

    run = subprocess.run(program, cwd=report.ROOT, capture_output=True, text=True, check=True, encoding="utf-8")

    assert [work for work in QUICK[name] if f"| {work}" not in run.stdout] == []
    # Every number was measured; a certified fit is within 1e-6, and its certificate within 10 % of the truth.
    assert "nan" not in run.stdout
    excesses = re.findall(r"the 5 tables, certified ≤ 1e-6 *\| largest true excess *\|[^|]*\| (\S+)", run.stdout)
    assert all(float(excess) <= 1.1e-6 for excess in excesses)
    assert len(excesses) == (1 if name == "learning" else 0)


@pytest.mark.slow
def test_scoring_is_measured_beside_a_bare_scan():
    program = [sys.executable, "-m", "benchmarks.scoring", "--rows", "20000", "--rounds", "1"]

    run = subprocess.run(program, cwd=report.ROOT, capture_output=True, text=True, check=False, encoding="utf-8")

    assert [line.count("|") for line in run.stdout.splitlines()] == [7] * 5, run.stderr
    assert "nan" not in run.stdout


def test_parts_of_the_page_are_replaced_and_the_prose_stays():
    page = report.PAGE.read_text(encoding="utf-8")
    names = re.findall(r"<!-- end of (.*) -->", page)

    changed = report.with_parts(page, dict.fromkeys(names, "new"))

    assert len(names) == 14
    assert changed.count("\nnew\n") == 14
    assert report.with_parts(changed, {names[0]: "newer"}).count("\nnew\n") == 13
    with pytest.raises(ValueError, match="no place"):
        report.with_parts(page, {"nothing": ""})
