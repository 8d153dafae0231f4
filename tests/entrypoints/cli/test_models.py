import json

from dependency_injector import providers

from adapters.memory.model_store import InMemoryModelStore
from domain.model.errors import CorruptModel
from domain.model.model_version import ModelVersion
from entrypoints.cli.main import run
from entrypoints.container import Container
from tests.support.examples import a_lineage, a_model

# A second model of the diabetes data.
OTHER = ("train", "--holdout", "21")


def test_models_lists_versions_with_their_role_and_lineage(endeavour):
    endeavour(*OTHER)
    endeavour("train")

    code, out, _ = endeavour("models")
    listed = json.loads(endeavour("models", "--json")[1])

    assert code == 0
    header, *lines = out.splitlines()
    assert header.split() == ["version", "R²", "RMSE", "features", "trained", "run"]
    assert [line.split()[:2] for line in lines] == [["1", "previous"], ["2", "champion"]]
    assert "  0.4726  50.4784  bmi  " in lines[1]
    assert [(model["name"], model["role"]) for model in listed] == [("1", "previous"), ("2", "champion")]
    assert listed[1]["features"] == ["bmi"]
    assert len(listed[1]["lineage"]["data_fingerprint"]) == 64


def test_models_of_an_empty_store_prints_the_place_and_creates_nothing(capsys, artifacts, monkeypatch, caplog):
    monkeypatch.setenv("ENDEAVOUR_ARTIFACTS", "elsewhere")
    for store, place in (
        ("mlflow", f"sqlite:///{artifacts}/mlflow.db under the name endeavour"),
        *((name, str(artifacts)) for name in ("csv", "pickle")),
    ):
        monkeypatch.setenv("ENDEAVOUR_STORE", store)

        assert run(("models",), Container()) == 0
        assert capsys.readouterr().out == f"no models yet in {place}; `endeavour train` makes one\n"
        assert run(("models", "--json"), Container()) == 0
        assert json.loads(capsys.readouterr().out) == []
        assert not artifacts.exists()

    assert {(record.message, record.variable) for record in caplog.records} == {
        ("unknown_setting", "ENDEAVOUR_ARTIFACTS")
    }


def test_broken_model_is_listed_as_broken(endeavour, container):
    class Damaged(InMemoryModelStore):
        def load(self, version):
            raise CorruptModel(version, "half a file")

    endeavour("train")
    container.mlflow_store.override(providers.Object(Damaged(container.store()._state)))

    code, out, _ = endeavour("models")

    assert code == 0
    assert "broken: half a file" in out
    assert json.loads(endeavour("models", "--json")[1]) == [{"role": "champion", "problem": "half a file", "name": "1"}]


def test_promote_and_rollback_by_hand(endeavour, container):
    endeavour(*OTHER)
    endeavour("train")
    other = container.store().save(ModelVersion("", a_model(1.0, 2.0), a_lineage())).name

    assert endeavour("rollback") == (0, "in production: 1; before it: nothing\n", "")
    assert endeavour("promote", "2") == (0, "in production: 2; before it: 1\n", "")
    code, out, err = endeavour("promote", other)
    assert (code, out) == (4, "")
    assert f"`endeavour promote {other} --allow-feature-change`" in err
    assert endeavour("promote", other, "--allow-feature-change") == (0, f"in production: {other}; before it: 2\n", "")
    code, out, _ = endeavour("rollback", "--json")

    assert (code, json.loads(out)) == (0, {"champion": "2", "previous": "1"})
    assert container.store().history().champion == "2"
