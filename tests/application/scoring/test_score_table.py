import pytest

from adapters.memory.model_store import InMemoryModelStore
from application.scoring.score_table import ScoreTable
from domain.model.model_version import ModelVersion
from domain.model.scoring import Scored, ScoredTable
from domain.ports import BatchScorer
from tests.support.examples import NOON, a_lineage, a_model


class OneRow(BatchScorer):
    """A table of one row, whose place is that of its prediction's version and policy."""

    def score(self, version, on_bad_row, on_progress):
        on_progress(None)
        return ScoredTable(f"{version.name} {on_bad_row}", Scored(1), files=1)


@pytest.fixture
def store():
    store = InMemoryModelStore()
    for slope in (1.0, 2.0):
        store.save(ModelVersion("", a_model(slope), a_lineage()))
    return store


def test_table_is_scored_with_the_champion_or_with_a_version(store):
    store.promote("2", replacing=None, at=NOON)
    progress = []

    outcomes = [ScoreTable(store, OneRow())(version, "null", progress.append) for version in (None, "1")]

    assert [outcome.scored.place for outcome in outcomes] == ["2 null", "1 null"]
    assert [outcome.version.name for outcome in outcomes] == ["2", "1"]
    assert progress == [None, None]
