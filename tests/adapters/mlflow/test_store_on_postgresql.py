"""Store over PostgreSQL, which refuses texts that are longer than their columns; SQLite takes them."""

from dataclasses import replace

import numpy as np
import psycopg
import pytest

from adapters.mlflow.connection import MlflowConnection
from adapters.mlflow.store import MlflowModelStore
from domain.errors import StoreUnavailable
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.promotion.policy import Decision
from tests.adapters.mlflow.test_ledger import MlflowLedgerContract
from tests.adapters.mlflow.test_rollout_store import MlflowRolloutStoreContract
from tests.contracts.model_store import ModelStoreContract
from tests.support.examples import NOON, a_lineage, a_model, a_training
from tests.support.ledgers import a_rollout_end
from tests.support.postgres_server import running_postgres

pytestmark = [pytest.mark.slow, pytest.mark.integration]


@pytest.fixture(scope="module")
def postgres():
    with running_postgres() as uri:
        yield uri


@pytest.fixture
def uri(postgres):
    return postgres


class TestOverPostgresql(ModelStoreContract):
    """All laws of a store hold over PostgreSQL."""


class TestRolloutsOverPostgresql(MlflowRolloutStoreContract):
    """Those of a store of rollouts as well."""


class TestLedgerOverPostgresql(MlflowLedgerContract):
    """All laws of a ledger hold over PostgreSQL."""

    def test_longest_entry_fits_into_its_column(self, ledger):
        entry = ledger.append(a_rollout_end(counts={"pairs": "x" * 15_000}))

        assert ledger.entries() == (entry,)


def test_promotions_beyond_what_a_tag_holds_leave_room_for_more_and_for_rollbacks(store):
    names = [store.save(ModelVersion("", a_model(slope), a_lineage())).name for slope in range(3)]
    champion = None
    for number in range(120):
        champion = store.promote(names[number % 3], replacing=champion, at=NOON).champion

    rolled_back = [store.rollback(at=NOON).champion for _ in range(20)]

    assert rolled_back == [names[(119 - number) % 3] for number in range(1, 21)]


def test_texts_of_any_length_fit_into_the_columns(store, tracker, client, model_name):
    long, name = "_" * 9_000, "_" * 500
    model = LinearModel(np.arange(30.0), 0.5, tuple(f"{number:_>500}" for number in range(30)))
    settings = {"features": long, "data": long, "target": name}
    lineage = replace(a_lineage(), target=name, code_revision=name, settings=settings)

    with tracker.run(lineage.settings) as run:
        run.record(a_training(), {})
        version = store.save(ModelVersion("", model, replace(lineage, run_id=run.id)))
        run.conclude(version.name, Decision(False, (long, long)))

    assert store.load(version.name) == version


def test_refusals_of_the_database_name_their_remedy(postgres, open_store, client, tmp_path):
    with psycopg.connect(postgres.replace("+psycopg", ""), autocommit=True) as database:
        database.execute("CREATE ROLE stranger LOGIN")
    deep = MlflowConnection(postgres, artifacts=tmp_path / ("x" * 250), experiment="deep")

    with pytest.raises(StoreUnavailable) as denied:
        open_store(postgres.replace("mlflow@", "stranger@")).versions()
    with pytest.raises(StoreUnavailable) as too_long:
        MlflowModelStore(deep, lock=tmp_path / "lock").save(ModelVersion("", a_model(), a_lineage()))

    assert denied.value.remedy == "grant this user the right to read and write MLflow's tables"
    assert "the path of ENDEAVOUR_DATA_DIR" in too_long.value.remedy
