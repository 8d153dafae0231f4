"""Every code that the web layer names is in the one list of them, under the status it is answered with."""

import ast
import re
from pathlib import Path

import pytest

import entrypoints.web
from entrypoints.web.body import CODES as OF_JSON
from entrypoints.web.codes import CODES
from entrypoints.web.problems import ERRORS, STATUSES

MODULES = sorted(Path(entrypoints.web.__file__).parent.rglob("*.py"))


def refusals(tree):
    """Return status and code of every refusal whose first two arguments are written out."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and len(call.args) > 1:
            match call.args[0], call.args[1]:
                case ast.Constant(value=int(status)), ast.Constant(value=str(code)) if status >= 400:
                    yield status, code


def test_refusals_in_the_source_are_found():
    found = {pair for path in MODULES for pair in refusals(ast.parse(path.read_text(encoding="utf-8")))}

    assert {(400, "empty_body"), (413, "body_too_large"), (415, "unsupported_encoding")} <= found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_code_of_a_refusal_is_listed(path):
    unlisted = {
        (status, code)
        for status, code in refusals(ast.parse(path.read_text(encoding="utf-8")))
        if code not in CODES.get(status, ())
    }

    assert unlisted == set()


def test_page_of_errors_lists_the_same_codes_under_the_same_statuses():
    page = (Path(entrypoints.web.__file__).parents[2] / "docs" / "errors.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([\d, ]+) \|", page, re.MULTILINE)

    listed = {(int(status), code) for code, statuses in rows for status in statuses.split(",")}

    assert listed == {(status, code) for status, codes in CODES.items() for code in codes}


def test_codes_of_the_tables_are_listed():
    answered = {*ERRORS.values(), *STATUSES.items(), *((400, code) for code in OF_JSON.values())}

    assert {(status, code) for status, code in answered if code not in CODES.get(status, ())} == set()
