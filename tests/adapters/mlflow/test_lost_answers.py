"""A request that arrives while its answer does not: what was asked for exists once."""

import pytest

from adapters.mlflow.store import MlflowModelStore
from adapters.mlflow.tracker import MlflowTracker
from tests.adapters.mlflow.servers import Proxy
from tests.examples import NOON, a_lineage, a_training

pytestmark = pytest.mark.integration


@pytest.fixture
def uri(mlflow_server):
    return mlflow_server.uri


@pytest.fixture
def proxy(uri):
    return Proxy(uri)


@pytest.fixture
def through(proxy, connect):
    with proxy.listening() as uri:
        yield connect(uri)


@pytest.mark.parametrize(
    "ending",
    [
        "/experiments/create",
        "/runs/create",
        "/runs/log-batch",
        "/runs/log-inputs",
        "/runs/update",
        "/runs/outputs",
        "/logged-models",
        "/registered-models/create",
        "/model-versions/create",
    ],
)
def test_lost_answer_leaves_one_of_everything(proxy, through, client, model_name, tmp_path, ending):
    tracker = MlflowTracker(through)
    store = MlflowModelStore(through, lock=tmp_path / "lock", model=model_name)
    proxy.lose = [ending]

    training = a_training()
    with tracker.run({"seed": 1}) as run:
        run.record(training, {"loss.png": b"png"})
        version = store.save(training.fit.model, a_lineage(run_id=run.id)).name

    assert proxy.lost == [ending]
    experiment = client.get_experiment_by_name(model_name)
    runs = client.search_runs([experiment.experiment_id])
    assert [(found.info.run_id, found.info.status) for found in runs] == [(run.id, "FINISHED")]
    assert store.versions() == (version,)
    assert len(client.search_logged_models([experiment.experiment_id])) == 1
    assert len(runs[0].outputs.model_outputs) == 1
    assert len(runs[0].inputs.dataset_inputs) == 2
    assert len(client.get_metric_history(run.id, "loss")) == len(training.fit.report.losses)


@pytest.mark.parametrize(
    "ending", ["/registered-models/set-tag", "/registered-models/alias", "/model-versions/set-tag"]
)
def test_lost_answer_to_a_promotion_is_no_conflict(proxy, through, model_name, tmp_path, ending):
    store = MlflowModelStore(through, lock=tmp_path / "lock", model=model_name)
    version = store.save(a_training().fit.model, a_lineage()).name
    proxy.lose = [ending]

    history = store.promote(version, replacing=None, at=NOON, features_may_change=True)

    assert proxy.lost == [ending]
    assert history == store.history()
    assert len(history.changes) == 1
