"""The container: settings choose adapters, overrides replace them, and nothing heavy is loaded before its time."""

import subprocess
import sys

import pytest
from dependency_injector import providers

from adapters.memory.model_store import InMemoryModelStore
from domain.learning.sgd import SGD
from domain.model.calibration import calibrate
from entrypoints.container import Container
from entrypoints.factories import serving
from entrypoints.settings import STORES, Settings
from tests.support.diabetes import DIABETES
from tests.support.examples import NOON, a_version


@pytest.fixture
def container(monkeypatch, tmp_path):
    monkeypatch.setenv("ENDEAVOUR_DATA_DIR", str(tmp_path))
    return Container()


def test_every_dependency_is_given(container):
    container.check_dependencies()


def test_each_store_that_settings_allow_has_its_adapters_and_serves_its_champion(monkeypatch, tmp_path):
    assert tuple(Container.backends) == STORES
    for word in STORES:
        monkeypatch.setenv("ENDEAVOUR_DATA_DIR", str(tmp_path / word))
        monkeypatch.setenv("ENDEAVOUR_STORE", word)
        container = Container()
        synced = word == "mlflow"

        if synced:  # the registry sync keeps it, which tests/scenarios/test_lifecycle.py runs
            container.last_known_good().keep(saved := a_version("1"))
        else:
            saved = container.store().save(a_version(""))
            container.store().promote(saved.name, replacing=None, at=NOON)

        assert container.refresh_current_model().resolve()[0].champion.version.name == saved.name, word
        assert (container.synced_champion() is not None) is synced
        assert type(container.store()).__name__ == ("MlflowModelStore" if synced else "FileModelStore")
        assert type(container.rollout_store()).__name__ == ("MlflowRolloutStore" if synced else "FileRolloutStore")
        assert type(container.ledger().kept).__name__ == ("MlflowLedger" if synced else "FileLedger")
        assert type(container.tracker()).__name__ == ("MlflowTracker" if synced else "CsvTracker")


def test_overriding_a_store_reaches_every_use_case(container):
    memory = InMemoryModelStore()

    with container.mlflow_store.override(providers.Object(memory)):
        assert container.promote_model().store is container.ledger().store is memory
        assert container.list_models().store is memory
        assert container.train_model(source=None, code_revision="").registry.gate.store is memory


def test_registry_sync_reads_servers_over_plain_http_and_databases_through_the_client(container, monkeypatch):
    for uri, kind in (("http://localhost:1", "HttpChampionSource"), ("", "MlflowModelStore")):
        monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)

        assert type(Container().champion_source()).__name__ == kind


def test_copy_of_the_champion_is_found_in_a_moved_folder_with_another_password_and_not_for_another_server(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("ENDEAVOUR_DATA_DIR", str(tmp_path / "first"))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ada:old@mlflow:5000/team")
    Container().last_known_good().keep(a_version("7"))
    (tmp_path / "first").rename(tmp_path / "moved")
    monkeypatch.setenv("ENDEAVOUR_DATA_DIR", str(tmp_path / "moved"))

    for uri, known in (
        ("http://ada:new@MLflow:5000/team/", True),
        ("http://mlflow:5000/team", True),
        ("http://mlflow:5000/other", False),
        ("http://mlflow:5001/team", False),
    ):
        monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
        assert bool(Container().last_known_good().champion()) is known


def test_bundled_model_is_what_the_default_experiment_finds():
    bundled = serving.bundled_model(Settings.from_environment())

    found = SGD().fit(DIABETES.train.select(("bmi",))).model
    # Another processor adds in another order: the last bits differ.
    assert bundled.model.coefficients == pytest.approx(found.coefficients, rel=1e-12)
    assert bundled.model.intercept == pytest.approx(found.intercept, rel=1e-12)
    assert bundled.lineage.settings.items() >= SGD().params.items()
    assert bundled.lineage.settings["holdout"] == "last 20 rows"
    # `python .ci/bundled_model.py` writes a record of the present schema.
    held_out = calibrate(bundled.model, bundled.moments, DIABETES.test).conformity_scores
    assert bundled.calibration.conformity_scores == pytest.approx(held_out, rel=1e-4)
    assert not bundled.reference_predictions.mismatch(bundled.model)
    assert bundled.distributions is not None


def test_container_and_command_line_load_nothing_heavy():
    program = (
        "import sys, entrypoints.cli.main, entrypoints.cli.train, entrypoints.cli.rollout;"
        "import entrypoints.container as container; container.Container();"
        "print(*sys.modules, *{name.partition('.')[0] for name in sys.modules})"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert set(loaded.split()).isdisjoint(("mlflow", "pandas", "matplotlib", "pyarrow", "sklearn", "scipy", "flask"))
    assert set(loaded.split()).isdisjoint(("prometheus_client", "application.rollout.control_rollout"))
