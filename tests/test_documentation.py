"""What the documents say is what there is."""

import ast
import hashlib
import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_diabetes

from adapters.tables.csv_files import header, load_csv
from docs.img.draw import PICTURES, svg
from tests.diabetes import DATA

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), DATA.parent / "README.md"])
RECORDS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
DATA_PAGE = (DATA.parent / "README.md").read_text(encoding="utf-8")

LAYERS = ("domain", "application", "adapters", "entrypoints")
# Folders of `artifacts/` appear when the program runs; what is in angle brackets stands for a name.
NOT_COMMITTED = re.compile(r"artifacts/|.*<")


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def quoted(text):
    """Return what stands between backticks in the prose and tables of a page."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return sorted(set(re.findall(r"`([^`\s]+)`", prose)))


def layers_of_classes():
    modules = [path for folder in (*LAYERS, "tests") for path in (ROOT / folder).rglob("*.py")]
    return {
        node.name: path.relative_to(ROOT).parts[0]
        for path in modules
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_relative_links_lead_somewhere(document):
    text = document.read_text(encoding="utf-8")
    targets = [target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text)]

    missing = [target for target in targets if ":" not in target and not (document.parent / target).exists()]

    assert missing == []


def test_paths_in_the_architecture_exist():
    paths = [word for word in quoted(ARCHITECTURE) if "/" in word[1:] and not NOT_COMMITTED.match(word)]

    missing = [path for path in paths if not (ROOT / path).exists()]

    assert len(paths) > 10
    assert missing == []


def test_classes_in_the_architecture_exist():
    names = {word for word in quoted(ARCHITECTURE) if re.fullmatch(r"[A-Z]\w*", word) and "_" not in word}

    missing = names - set(layers_of_classes())

    assert len(names) > 30
    assert missing == set()


@pytest.mark.parametrize("name", PICTURES)
def test_committed_picture_is_what_the_script_draws(name):
    committed = (ROOT / "docs" / "img" / name).read_text(encoding="utf-8")

    assert committed == svg(PICTURES[name]())


@pytest.mark.parametrize("name", PICTURES)
def test_colour_of_a_class_in_a_picture_is_that_of_its_layer(name):
    picture, layers = PICTURES[name](), layers_of_classes()
    classes = [part for part in (*picture.boxes, *picture.frames) if part.layer in LAYERS and part.title[:1].isupper()]

    wrong = [part.title for part in classes if layers.get(part.title) != part.layer]

    assert len(classes) > 5
    assert wrong == []


def test_every_decision_record_is_listed_under_its_title():
    index = (ROOT / "docs" / "adr" / "README.md").read_text(encoding="utf-8")
    titles = {path: path.read_text(encoding="utf-8").partition("\n")[0] for path in RECORDS}

    rows = {
        f"| [{path.name[:4]}]({path.name}) | {title.removeprefix(f'# {int(path.name[:4])}. ')} |"
        for path, title in titles.items()
    }

    assert rows == set(re.findall(r"^\| \[\d.*$", index, re.MULTILINE))


@pytest.mark.parametrize("record", RECORDS, ids=name_of)
def test_decision_record_has_context_decision_and_consequences(record):
    headings = re.findall(r"^## (.*)$", record.read_text(encoding="utf-8"), re.MULTILINE)

    assert headings == ["Context", "Decision", "Consequences"]


def test_diabetes_data_are_those_of_scikit_learn_to_the_last_bit():
    known = load_diabetes()

    table = load_csv([DATA], "progression", known.feature_names)

    assert table.features.tobytes() == np.ascontiguousarray(known.data).tobytes()
    assert table.target.tobytes() == known.target.tobytes()


def test_data_page_lists_the_columns_in_their_order():
    columns = re.findall(r"^\| `(\w+)` \| [^`]*\|$", DATA_PAGE, re.MULTILINE)

    assert tuple(columns) == header(DATA)


def test_data_page_tells_rows_range_and_digest():
    columns = header(DATA)
    target = load_csv([DATA], "progression", columns[:-1]).target

    assert f"holds {len(target)} people" in DATA_PAGE
    assert f"from {target.min():g} to {target.max():g}" in DATA_PAGE
    assert hashlib.sha256(DATA.read_bytes()).hexdigest() in DATA_PAGE


@pytest.mark.parametrize(("words", "features"), [("`bmi`", ("bmi",)), ("all ten", header(DATA)[:-1])])
def test_data_page_tells_fingerprints(words, features):
    fingerprint = load_csv([DATA], "progression", features).fingerprint

    assert f"| {words} | `{fingerprint}` |" in DATA_PAGE


def test_data_are_scaled_as_the_data_page_says():
    features = load_csv([DATA], "progression", header(DATA)[:-1]).features

    # Means and sums of 442 values below 0.2 that were rounded to 16 digits; measured: 2e-16 and 8e-15.
    assert np.abs(features.mean(axis=0)).max() < 1e-15
    assert np.abs((features**2).sum(axis=0) - 1).max() < 1e-13
