from dataclasses import replace

import pytest

from adapters.files.kept_versions import FileKeptVersions
from adapters.memory.model_store import InMemoryModelStore, InMemoryRegistryState
from application.monitoring.keep_versions import REFUSED_SECONDS, KeepVersions
from domain.access.redaction import Redaction
from domain.model.errors import ModelNotFound
from domain.monitoring.catalog import MAX_KEPT, Catalog, ListedVersion
from tests.support.examples import NOON, a_version


class Seconds:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def state():
    state = InMemoryRegistryState()
    for slope in range(1, MAX_KEPT + 6):
        InMemoryModelStore(state).save(a_version("", float(slope)))
    return state


@pytest.fixture
def folder(tmp_path):
    return FileKeptVersions(tmp_path)


@pytest.fixture
def keep(state, folder):
    """A function that makes the use case, as a process that starts does."""
    return lambda seconds=None: KeepVersions(InMemoryModelStore(state), folder, seconds or Seconds(), Redaction())


def catalog(state, previous=""):
    listed = tuple(ListedVersion.of(state.versions[name]) for name in sorted(state.versions, key=int, reverse=True))
    return Catalog(at=NOON, versions=listed, previous=previous)


def kept(tmp_path):
    return {int(path.name) for path in tmp_path.glob("[!.]*")}


def test_newest_versions_and_the_previous_one_are_fetched_one_after_the_other(keep, state, tmp_path):
    keeping, listed = keep(), catalog(state, previous="2")
    sizes = []
    for _ in range(MAX_KEPT + 2):
        keeping(listed)
        sizes.append(len(kept(tmp_path)))

    assert sizes == [*range(1, MAX_KEPT + 1), MAX_KEPT, MAX_KEPT]
    assert kept(tmp_path) == {2, *range(7, MAX_KEPT + 6)}
    InMemoryModelStore(state).save(a_version("", 99.0))
    keeping(catalog(state, previous="2"))
    assert kept(tmp_path) == {2, *range(8, MAX_KEPT + 7)}


def test_process_that_starts_fetches_only_what_is_not_here_or_is_of_another_model(keep, state, folder, tmp_path):
    folder.keep(state.versions["25"])
    folder.keep(replace(a_version("24", -1.0), name="24"))
    (tmp_path / "23").write_text("damaged")
    state.damaged = {"25"}  # not fetched
    keeping = keep()

    for _ in range(3):
        keeping(catalog(state))

    assert [folder.load(name) for name in ("25", "24", "23")] == [state.versions[name] for name in ("25", "24", "23")]


def test_unusable_version_is_listed_with_the_reason_and_fetched_again_later(keep, state, folder):
    seconds = Seconds()
    keeping, listed = keep(seconds), catalog(state)
    state.damaged = {"25"}
    wrong = replace(listed, versions=(listed.versions[0], replace(listed.versions[1], digest="0" * 64)))

    for _ in range(3):
        keeping(wrong)

    assert [each.problem for each in keeping.with_problems(wrong).versions] == [
        "it is damaged",
        "it is not the model that the registry lists",
    ]
    state.damaged = set()
    keeping(listed)
    with pytest.raises(ModelNotFound):
        folder.load("25")
    seconds.now = REFUSED_SECONDS
    keeping(listed)
    assert folder.load("25") == state.versions["25"]
    assert not keeping.with_problems(listed).versions[0].problem


def test_registry_that_is_away_is_asked_again_with_the_next_catalog_and_logged_once(keep, state, tmp_path, caplog):
    keeping, first, second, third = keep(), catalog(state), catalog(state), catalog(state)
    state.reachable = False
    for listed in (first, first, second):
        keeping(listed)
    state.reachable = True

    keeping(second)
    assert kept(tmp_path) == set()
    keeping(third)

    assert kept(tmp_path) == {25}
    assert [record.message for record in caplog.records] == ["version_not_kept"]
