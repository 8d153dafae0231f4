"""The page on learning prints what the code prints, explains every field and setting, and has its script's picture."""

import io
import re
from contextlib import redirect_stdout
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from docs.img import draw_learning
from domain.learning.fit import FitReport, StopReason
from domain.learning.sgd import SGD

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "learning.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```\n\n```\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def first_column(title):
    """Return the words between backticks in the first cell of each row of a section's tables."""
    section = re.split(r"^## ", PAGE.partition(f"\n## {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    cells = re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE)
    return {word for cell in cells for word in re.findall(r"`(\w+)`", cell)}


@pytest.mark.parametrize(("code", "printed"), EXAMPLES, ids=["plain descent", "report"])
def test_example_prints_what_the_page_shows(code, printed):
    out = io.StringIO()

    with redirect_stdout(out):
        exec(compile(code, "docs/learning.md", "exec"), {})  # noqa: S102 - the page is ours

    assert out.getvalue() == printed


def test_every_field_of_the_report_and_every_setting_is_explained():
    names = {field.name for field in fields(FitReport)} | {"warning"}

    assert first_column("How to read the report") == names | set(get_args(StopReason))
    assert first_column("Settings") == {field.name for field in fields(SGD)}
    for setting in ("tol", "max_passes", "seed"):
        default = re.search(rf"^\| `{setting}` \| (\S+) \|", PAGE, re.MULTILINE).group(1)
        assert float(default) == getattr(SGD(), setting)


def test_every_step_has_a_link_to_its_file():
    linked = set(re.findall(r"\]\(\.\./domain/learning/sgd/(\w+)\.py\)", PAGE))

    plumbing = {"learner", "block_reader", "settings"}
    assert linked - {"__init__"} == {path.stem for path in ROOT.glob("domain/learning/sgd/[a-z]*.py")} - plumbing


def test_committed_picture_is_what_the_script_draws():
    assert draw_learning.PICTURE.read_text(encoding="utf-8") == draw_learning.svg()
