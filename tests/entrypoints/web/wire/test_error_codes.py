"""Every code that the web layer names is in the one list of them, under the status it is answered with."""

import ast
import re
from pathlib import Path

import entrypoints.web
from entrypoints.web.wire.error_codes import CODES, DOMAIN_ERRORS
from entrypoints.web.wire.json_body import PARSE_ERRORS
from entrypoints.web.wire.problem_responses import STATUSES
from entrypoints.web.wire.problems import problem_members

MODULES = sorted(Path(entrypoints.web.__file__).parent.rglob("*.py"))


def refusals(tree):
    """Return status and code of every refusal whose first two arguments are written out."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and len(call.args) > 1:
            match call.args[0], call.args[1]:
                case ast.Constant(value=int(status)), ast.Constant(value=str(code)) if status >= 400:
                    yield status, code


def test_code_of_every_refusal_in_the_source_is_listed():
    found = {pair for path in MODULES for pair in refusals(ast.parse(path.read_text(encoding="utf-8")))}

    assert {(400, "empty_body"), (413, "body_too_large"), (415, "unsupported_encoding")} <= found
    assert {(status, code) for status, code in found if code not in CODES.get(status, ())} == set()


def test_page_of_errors_lists_the_same_codes_under_the_same_statuses():
    page = (Path(entrypoints.web.__file__).parents[2] / "docs" / "errors.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([\d, ]+) \|", page, re.MULTILINE)

    listed = {(int(status), code) for code, statuses in rows for status in statuses.split(",")}

    assert listed == {(status, code) for status, codes in CODES.items() for code in codes}


def test_title_is_the_code_in_words():
    titles = [problem_members(400, code, "", "")["title"] for code in ("bad_json", "bad_csv", "wrong_type")]

    assert titles == ["Bad JSON", "Bad CSV", "Wrong type"]


def test_codes_of_the_tables_are_listed():
    parsed = ((status, code) for status, code, _ in PARSE_ERRORS.values())
    answered = {*DOMAIN_ERRORS.values(), *STATUSES.items(), *parsed}

    assert {(status, code) for status, code in answered if code not in CODES.get(status, ())} == set()
