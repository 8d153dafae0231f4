"""The command line over adapters in memory."""

import pytest
from dependency_injector import providers

from adapters.memory.experiment_tracker import InMemoryTracker
from adapters.memory.ledger import InMemoryLedger
from adapters.memory.model_store import InMemoryModelStore, InMemoryRegistryState
from entrypoints.cli.main import run
from entrypoints.container import Container
from tests.support.examples import NoCharts


@pytest.fixture
def artifacts(monkeypatch, tmp_path):
    monkeypatch.setenv("ENDEAVOUR_DATA_DIR", str(tmp_path / "artifacts"))
    return tmp_path / "artifacts"


@pytest.fixture
def container(artifacts):
    container = Container()
    state = InMemoryRegistryState()
    container.mlflow_store.override(providers.Object(InMemoryModelStore(state)))
    container.mlflow_ledger.override(providers.Object(InMemoryLedger(state)))
    container.mlflow_tracker.override(providers.Object(InMemoryTracker()))
    container.charts.override(providers.Object(NoCharts()))
    return container


@pytest.fixture
def endeavour(container, capsys):
    """Run a command and return its exit code, standard output and standard error."""

    def command(*words):
        code = run(words, container)
        return code, *capsys.readouterr()

    return command


@pytest.fixture
def table(tmp_path):
    """Write a table of 30 rows or more, under a header, with one cell replaced, and return its path."""

    def write(header="a,b,price", cell=None, name="table.csv", rows=range(30)):
        lines = [[f"{row}", f"{row * row % 7}", f"{3 * row + row % 5}"] for row in rows]
        if cell:
            row, column, value = cell
            lines[row - 1][column] = value
        path = tmp_path / name
        path.write_text("\n".join([header, *map(",".join, lines)]))
        return str(path)

    return write
