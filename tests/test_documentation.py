"""Documents: the paths, headings, names and numbers in them exist."""

import ast
import hashlib
import re
from functools import cache
from pathlib import Path

import numpy as np

from adapters.pyarrow.table_source import TableSource
from tests.support.diabetes import DATA

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), DATA.parent / "README.md"])
RECORDS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
MODULES = [
    path for folder in ("domain", "application", "adapters", "entrypoints") for path in (ROOT / folder).rglob("*.py")
]

# Folders of `artifacts/` appear when the program runs; a part in capitals or angle brackets stands for a name.
NOT_COMMITTED = re.compile(r"artifacts/|.*<|.*/[A-Z_]{4,}\b")


@cache
def definitions(path):
    """Return names and kinds of the classes and functions in a module."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return [(node.name, type(node)) for node in nodes if isinstance(node, ast.ClassDef | ast.FunctionDef)]


@cache
def anchors(document):
    """Return the anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    titles = [
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.+)$", text, re.M)
    ]
    return {*titles}


def test_relative_links_lead_to_files_and_headings():
    links = [
        (document, *target.partition("#")[::2])
        for document in DOCUMENTS
        for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8"))
        if ":" not in target
    ]

    ends = [(document, document.parent / name if name else document, anchor) for document, name, anchor in links]
    missing = [
        f"{document}: {end}#{anchor}"
        for document, end, anchor in ends
        if not end.exists() or (anchor and anchor not in anchors(end))
    ]

    assert len(links) > 50
    assert missing == []


def test_paths_and_classes_that_pages_name_exist():
    classes = {name for path in MODULES for name, kind in definitions(path) if kind is ast.ClassDef}
    for page in ("architecture", "glossary", "how-to", "tour", "failure-modes"):
        text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
        words = set(re.findall(r"`([^`\s]+)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)))
        drawn = re.findall(r"\b[A-Z][a-z]+[A-Z]\w+", "".join(re.findall(r"```mermaid.*?```", text, re.DOTALL)))
        paths = [word for word in words if "/" in word[1:] and not NOT_COMMITTED.match(word)]
        named = {word for word in words if re.fullmatch(r"[A-Z]\w*[a-z]\w*", word)} | set(drawn) - {"MLflow"}

        assert [path for path in paths if not (ROOT / path).exists()] == [], page
        assert named - classes == set(), page


def test_functions_of_the_tour_are_in_the_files_of_their_steps():
    steps = re.findall(r"`(\S+\.py)` `(\w+)`", (ROOT / "docs" / "tour.md").read_text(encoding="utf-8"))

    missing = [(path, name) for path, name in steps if name not in dict(definitions(ROOT / path))]

    assert len(steps) > 30
    assert missing == []


def test_failure_modes_are_those_that_tests_name():
    page = (ROOT / "docs" / "failure-modes.md").read_text(encoding="utf-8")
    named = {
        test_id
        for path in (ROOT / "tests").rglob("*.py")
        for ids in re.findall(r"def test_((?:[a-z]\d\d_(?:and_)?)+)", path.read_text(encoding="utf-8"))
        for test_id in re.findall(r"[a-z]\d\d", ids)
    }

    assert {row.lower() for row in re.findall(r"^\| ([A-Z]\d\d) \|", page, re.MULTILINE)} == named


def test_decision_records_are_listed_under_their_titles_and_have_the_same_parts():
    index = (ROOT / "docs" / "adr" / "README.md").read_text(encoding="utf-8")
    texts = {path.name: path.read_text(encoding="utf-8") for path in RECORDS}

    titles = {name: text.partition("\n")[0].removeprefix(f"# {int(name[:4])}. ") for name, text in texts.items()}

    assert {f"| [{name[:4]}]({name}) | {title} |" for name, title in titles.items()} == set(
        re.findall(r"^\| \[\d.*$", index, re.MULTILINE)
    )
    for name, text in texts.items():
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"], name
        assert re.search(r"\n\nStatus: accepted\b.*\nDate: \d{4}-\d\d-\d\d\n\n## ", text), name


def test_import_contracts_are_those_of_their_record():
    names = re.findall(r"^name = (.*)$", (ROOT / "setup.cfg").read_text(encoding="utf-8"), re.MULTILINE)

    assert re.findall(r'^- "(.*)"$', RECORDS[0].read_text(encoding="utf-8"), re.MULTILINE) == names[1:]


def test_diabetes_data_are_those_of_scikit_learn_to_the_last_bit_and_as_their_page_describes_them():
    from sklearn.datasets import load_diabetes

    known, page = load_diabetes(), (DATA.parent / "README.md").read_text(encoding="utf-8")
    source = TableSource(str(DATA), memory_budget=1024**2)
    columns = source.columns()
    table, narrow = (source.load("progression", features).rows for features in (None, ["bmi"]))

    assert table.features.tobytes() == np.ascontiguousarray(known.data).tobytes()
    assert table.target.tobytes() == known.target.tobytes()
    assert tuple(re.findall(r"^\| `(\w+)` \| [^`]*\|$", page, re.MULTILINE)) == columns
    assert f"holds {len(table.target)} people" in page
    assert f"from {table.target.min():g} to {table.target.max():g}" in page
    assert hashlib.sha256(DATA.read_bytes()).hexdigest() in page
    assert f"| `bmi` | `{narrow.fingerprint}` |" in page
    assert f"| all ten | `{table.fingerprint}` |" in page
