"""The page on rollouts: its options, phases and tests are those of the code, and its picture is its script's."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from docs.img import draw_rollout
from domain.delivery.plan import RolloutPlan
from domain.delivery.rollout import Phase

PAGE = (Path(__file__).parent.parent / "docs" / "rollouts.md").read_text(encoding="utf-8")


def rows(title):
    """Return the cells of the tables of a section, without their heads."""
    section = re.split(r"^## ", PAGE.partition(f"\n## {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    tables = re.findall(r"^\|(?:---\|)+\n((?:\|.*\n)+)", section, re.MULTILINE)
    return [[cell.strip() for cell in row.strip("|").split("|")] for table in tables for row in table.splitlines()]


def test_options_and_their_defaults_are_those_of_a_plan():
    def shown(value):
        return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)

    plan = RolloutPlan()

    defaults = {field.name: getattr(plan, field.name) for field in fields(plan)}
    assert {name.strip("`"): default for name, default, _ in rows("Plan")} == {
        name: shown(tuple(f"{each:g}" for each in value) if isinstance(value, tuple) else value)
        for name, value in defaults.items()
    }


def test_phases_and_tests_are_those_of_the_code():
    assert [row[0] for row in rows("States")] == [phase.value for phase in Phase]
    assert [row[0] for row in rows("Read the tests") if len(row) == 4] == [
        test.name for test in RolloutPlan(truth="required").tests(1)
    ]


@pytest.mark.slow
def test_committed_picture_is_what_the_script_draws():
    assert draw_rollout.PICTURE.read_text(encoding="utf-8") == draw_rollout.svg()
