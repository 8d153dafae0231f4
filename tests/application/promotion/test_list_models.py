from adapters.memory.model_store import InMemoryModelStore
from application.promotion.list_models import ListModels


def test_versions_are_listed_with_their_roles(store, promote):
    assert ListModels(InMemoryModelStore())() == ()
    promote("1")
    promote("3")

    listed = ListModels(store)()

    assert [(model.name, model.role) for model in listed[:3]] == [("1", "previous"), ("2", ""), ("3", "champion")]
    assert listed[2].version == store.champion()


def test_corrupt_version_and_missing_champion_are_listed_with_their_problems(store, promote):
    promote("1")
    del store._state.versions["1"]
    store._state.damaged.add("2")

    listed = ListModels(store)()

    assert [(model.name, model.role, model.problem) for model in listed[:3]] == [
        *(("1", "champion", "its files are gone"), ("2", "", "it is damaged"), ("3", "", ""))
    ]
    assert listed[1].version is None
