"""Records: values of changes and catalogs are read as they were written, and nothing else is."""

import json

import pytest

from domain.monitoring.catalog import Catalog, ListedVersion
from domain.monitoring.change import What
from domain.monitoring.records import catalog_from, catalog_values, change_from, change_values
from tests.support.examples import NOON, a_version
from tests.support.monitoring import a_change

CHANGE = a_change(3, What.ROLLOUT_STEP, version="1", challenger="2", share=0.05, by="ctl", why="passed", host="web-1")
CATALOG = Catalog(
    at=NOON,
    versions=(ListedVersion.of(a_version("2"), "too slow"), ListedVersion(name="1", problem="broken")),
    older=3,
    champion="2",
    previous="1",
    changes=(CHANGE,),
    answers={"0" * 32: "", "1" * 32: "too late"},
)


def test_catalog_survives_json():
    assert catalog_from(json.loads(json.dumps(catalog_values(CATALOG)))) == CATALOG


@pytest.mark.parametrize(
    ("member", "value", "why"),
    [
        ("what", "eaten", "not a valid What"),
        ("at", "noon", "isoformat"),
        ("share", "all", "a number"),
        ("by", 7, "text"),
        ("more", 1, "expected exactly"),
    ],
)
def test_damaged_change_is_refused(member, value, why):
    with pytest.raises(ValueError, match=why):
        change_from(change_values(CHANGE) | {member: value})


def test_damaged_catalog_is_refused():
    for damage in ({"older": "3"}, {"versions": [{}]}, {"changes": {}}, {"answers": []}):
        with pytest.raises(ValueError, match="expected"):
            catalog_from(catalog_values(CATALOG) | damage)
