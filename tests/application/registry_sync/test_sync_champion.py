"""The mirror: what it asks, what it refuses, and what it posts. Rows of the fault table are named c07, c08, …."""

import itertools
import logging
import os
from dataclasses import dataclass, field

import pytest

from adapters.files.last_known_good import FileLastKnownGood
from adapters.files.sync_status import FileSyncStatus
from adapters.memory.model_store import InMemoryModelStore
from application.promotion.promote_model import PromoteModel
from application.promotion.roll_back import RollBack
from application.registry_sync.sync_champion import CHECK_COPY_SECONDS, REFUSED_FOR_MINUTES, SyncChampion
from application.serving.resolve_synced_champion import ResolveSyncedChampion
from domain.access.redaction import Redaction
from domain.delivery.champion_ref import ChampionRef
from domain.delivery.errors import InvalidRegistryResponse, NoModelLoaded, RegistryThrottled
from domain.delivery.served_model import ModelOrigin, ServedModel
from domain.delivery.sync_report import RegistryState, RegistryStatus
from domain.errors import StoreUnavailable
from domain.model.errors import CorruptModel
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.ports import ChampionSource
from tests.support.examples import SteppingClock, a_lineage, a_model, a_version

CONFIRMED_FOR, SILENT_AFTER = 5.0, 60.0
OK, DOWN, BAD, CHANGED = RegistryState
LOST = StoreUnavailable("mlflow", "refused")


class Clock:
    """A monotonic clock that a test sets."""

    seconds = 1000.0

    def __call__(self):
        return self.seconds


@dataclass
class Registry(ChampionSource):
    """Names what a test puts into `names` (the last one again and again), and records what is fetched."""

    names: list[ChampionRef | Exception | None] = field(default_factory=list)
    files: dict[str, ModelVersion | Exception] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    def champion_ref(self):
        named = self.names.pop(0) if len(self.names) > 1 else self.names[0]
        if isinstance(named, Exception):
            raise named
        return named

    def fetch(self, ref):
        self.fetched.append(ref.version)
        found = self.files[ref.version]
        if isinstance(found, Exception):
            raise found
        return found


def named(version, digest="d"):
    return ChampionRef(version, digest)


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def registry():
    """Versions 1 to 6, and 7, which takes other features than the rest."""
    files = {str(n): a_version(str(n), slope=float(n)) for n in range(1, 7)}
    return Registry([named("1")], files | {"7": ModelVersion("7", a_model(7.0, 1.0), a_lineage())})


@pytest.fixture
def board(tmp_path):
    return FileSyncStatus(tmp_path / "board")


@pytest.fixture
def copy(tmp_path):
    return FileLastKnownGood(tmp_path / "copy")


@pytest.fixture
def mirror(registry, board, copy, clock):
    return SyncChampion(registry, board, copy, clock)


@pytest.fixture
def latest(board, copy, clock):
    return ResolveSyncedChampion(board, copy, clock, CONFIRMED_FOR, SILENT_AFTER)


def served(latest):
    snapshot = latest()
    return snapshot and (snapshot.version.name, snapshot.origin)


def test_champion_is_posted_kept_confirmed_and_fetched_once(mirror, registry, latest, copy):
    report = mirror()
    mirror()

    assert (report.state, report.reason) == (OK, "")
    assert latest() == ServedModel(a_version("1", slope=1.0), ModelOrigin.REGISTRY)
    assert copy.champion() == a_version("1", slope=1.0)
    assert registry.fetched == ["1"]


def test_before_any_report_the_copy_is_served(latest, copy):
    assert latest() is None
    assert latest.registry_status() == RegistryStatus(DOWN, "the registry sync has not reported yet", None)
    assert latest.registry_status().copy_problem == ""

    copy.keep(a_version("1"))

    assert served(latest) == ("1", ModelOrigin.CACHE)


def test_copy_that_cannot_be_read_is_a_problem_while_no_champion_is_here(mirror, registry, latest, copy, tmp_path):
    registry.names = [LOST]
    copy.keep(a_version("1"))
    mirror()
    assert latest.registry_status().copy_problem == ""

    (tmp_path / "copy" / "CURRENT").write_bytes(b"{")

    assert "CURRENT" in latest.registry_status().copy_problem


def test_c03_flapping_registry_is_reported_at_each_poll_and_nothing_is_fetched_twice(mirror, registry, latest):
    registry.names = [named("1"), named("1"), LOST, named("1"), LOST, named("1")]

    assert [mirror().state for _ in range(5)] == [OK, DOWN, OK, DOWN, OK]
    assert registry.fetched == ["1"]
    assert served(latest) == ("1", ModelOrigin.REGISTRY)


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (LOST, DOWN),
        (InvalidRegistryResponse("mlflow", "its answer is not JSON"), BAD),
        (CorruptModel("2", "its status in the registry is 'PENDING'"), BAD),
        (None, BAD),  # c10: the alias was deleted
    ],
)
def test_lost_registry_leaves_the_champion_served_but_unconfirmed(mirror, registry, latest, clock, error, state):
    mirror()
    clock.seconds += 3
    registry.names = [error]

    report = mirror()

    assert (report.state, report.reason) == (state, str(error or "nothing is in production"))
    assert served(latest) == ("1", ModelOrigin.CACHE)
    clock.seconds += 4
    # Nonsense is an answer too.
    assert latest.registry_status().seconds == (7 if state is DOWN else 4)


@pytest.mark.parametrize(
    ("names", "file", "state"),
    [
        ([named("2")], StoreUnavailable("mlflow", "it answers 503"), DOWN),
        ([named("2")], CorruptModel("2", "its digest is another"), BAD),
        ([CorruptModel("2", "it was deleted while it was in production")], None, BAD),
    ],
)
def test_champion_that_is_named_and_cannot_be_read_is_not_taken_for_none(mirror, registry, latest, names, file, state):
    registry.names, registry.files["2"] = names, file

    report = mirror()

    assert report.state is state
    with pytest.raises(NoModelLoaded) as caught:
        latest()
    assert caught.value.why == report.reason


@pytest.mark.parametrize("answer", [None, LOST, InvalidRegistryResponse("mlflow", "not JSON")])
def test_registry_that_has_named_no_champion_leaves_none_known(mirror, registry, latest, answer):
    registry.names = [answer]

    mirror()

    assert latest() is None


def test_secret_that_the_registry_repeats_is_in_no_report(registry, board, copy, clock, latest):
    registry.names = [CorruptModel("2", "its status in the registry is 'Bearer s3cr3t'")]

    report = SyncChampion(registry, board, copy, clock, Redaction(["s3cr3t"]))()

    with pytest.raises(NoModelLoaded) as caught:
        latest()
    assert "Bearer" in report.reason
    assert "s3cr3t" not in report.reason + str(caught.value)


def test_c06_request_to_wait_is_handed_on_until_it_is_over(mirror, registry):
    registry.names = [RegistryThrottled("mlflow", "it answers 503", 30.0), named("1")]

    first = mirror()
    waited = mirror.retry_after_seconds
    mirror()

    assert (first.state, waited, mirror.retry_after_seconds) == (DOWN, 30.0, 0.0)


def test_c08_refused_version_is_not_fetched_again_for_minutes(mirror, registry, clock, latest):
    mirror()
    registry.names, registry.files["2"] = [named("2")], CorruptModel("2", "its digest is another")

    reports = [mirror() for _ in range(3)]

    assert registry.fetched == ["1", "2"]
    why = "its digest is another; it is not fetched again for 10 minutes, unless the registry names another"
    assert {(report.state, report.reason) for report in reports} == {(BAD, f"model version '2' is broken: {why}")}
    assert served(latest) == ("1", ModelOrigin.CACHE)
    clock.seconds += 60 * REFUSED_FOR_MINUTES
    registry.files["2"] = a_version("2")
    assert mirror().state is OK


@pytest.mark.parametrize(
    ("names", "fetched"),
    [
        ([named("2", "another digest")], ["2", "2"]),
        ([named("3")], ["2", "3"]),
        ([named("1"), named("2")], ["2", "1", "2"]),
    ],
)
def test_c08_refusal_ends_when_the_registry_names_something_else(mirror, registry, names, fetched):
    registry.names, registry.files["2"] = [named("2")], CorruptModel("2", "its digest is another")
    mirror()
    registry.files["2"] = a_version("2")
    for name in names:
        registry.names = [name]
        report = mirror()

    assert report.champion.name == names[-1].version
    assert registry.fetched == fetched


def test_registry_that_fails_while_a_model_is_fetched_is_asked_again_at_the_next_poll(mirror, registry):
    registry.files["1"] = StoreUnavailable("mlflow", "no complete answer within 2 s")
    assert mirror().state is DOWN
    registry.files["1"] = a_version("1")

    assert mirror().state is OK


def test_c09_alias_that_moves_faster_than_a_model_is_fetched_leaves_what_is_served(mirror, registry, latest):
    mirror()
    registry.names = [named(str(2 + n % 2)) for n in range(8)]
    assert "faster than one can be fetched" in mirror().reason
    assert served(latest) == ("1", ModelOrigin.CACHE)

    registry.names = [named("2"), None]
    assert mirror().reason == "nothing is in production"
    assert served(latest) == ("1", ModelOrigin.CACHE)


class Moving(ChampionSource):
    """An alias that moves on, from version 4, before the steps that a test names; every call is a step."""

    def __init__(self, moves):
        self.moves, self.step, self.alias = moves, 0, 4

    def pass_a_step(self):
        self.alias += self.moves.count(self.step)
        self.step += 1

    def champion_ref(self):
        self.pass_a_step()
        return named(str(self.alias))

    def fetch(self, ref):
        self.pass_a_step()
        return a_version(ref.version, slope=float(ref.version))


class Keeping(FileLastKnownGood):
    """Records what is kept; keeping is a step too."""

    def __init__(self, root, registry):
        super().__init__(root)
        self.registry, self.names = registry, []

    def keep(self, champion):
        self.registry.pass_a_step()
        self.names.append(champion.name)
        super().keep(champion)


# A poll that follows two moves asks, and fetches, three times, and keeps once.
@pytest.mark.parametrize("moves", list(itertools.combinations_with_replacement(range(8), 2)), ids=str)
def test_c09_wherever_the_alias_moves_twice_it_is_followed_and_never_back(moves, board, clock, tmp_path):
    registry = Moving(moves)
    copy = Keeping(tmp_path, registry)
    mirror = SyncChampion(registry, board, copy, clock)

    mirror(), mirror()
    registry.moves = ()
    mirror()

    assert copy.names == sorted(copy.names)
    assert copy.names[-1] == board.read().champion.name == str(registry.alias)


def test_c11_champion_of_other_features_waits_until_consent_is_given(mirror, registry, latest):
    mirror()
    registry.names = [named("7")] * 4

    reports = [mirror() for _ in range(2)]

    assert registry.fetched == ["1", "7"]
    assert len(registry.names) == 1  # two questions about a new ref, one about the same
    assert {report.state for report in reports} == {CHANGED}
    assert "version 7 takes other features than version 1 (added: bp)" in reports[0].reason
    assert served(latest) == ("1", ModelOrigin.CACHE)
    registry.names = [ChampionRef("7", "d", feature_change_approved=True)]
    assert mirror().state is OK
    assert served(latest) == ("7", ModelOrigin.REGISTRY)
    assert registry.fetched == ["1", "7"]


def test_c11_alias_that_is_moved_back_ends_the_waiting(mirror, registry, latest):
    mirror()
    registry.names = [named("7")]
    mirror()
    registry.names = [named("1")]

    assert mirror().state is OK
    assert served(latest) == ("1", ModelOrigin.REGISTRY)


def test_c11_same_features_in_another_order_wait_too(mirror, registry):
    registry.files["1"] = ModelVersion("1", a_model(1.0, 2.0), a_lineage())
    mirror()
    registry.names = [named("2")]
    registry.files["2"] = ModelVersion("2", LinearModel([2.0, 1.0], 0.0, ("bp", "bmi")), a_lineage())

    report = mirror()

    assert report.state is CHANGED
    assert "the same in another order" in report.reason


def test_c11_after_a_restart_the_copy_is_what_is_compared_with_if_it_can_be_read(
    registry, board, copy, clock, mocker, tmp_path
):
    registry.names = [named("7")]
    assert SyncChampion(registry, board, FileLastKnownGood(tmp_path / "none"), clock)().champion.name == "7"
    copy.keep(a_version("1", slope=1.0))
    assert SyncChampion(registry, board, copy, clock)().state is CHANGED

    mocker.patch.object(copy, "champion", autospec=True, side_effect=CorruptModel("CURRENT", "half a file"))

    assert SyncChampion(registry, board, copy, clock)().state is OK


def test_c11_promotions_that_a_host_has_missed_and_rollbacks_are_followed(board, copy, clock):
    """Consent is given with version 2, and holds for version 3, which takes the same features."""
    store, stepping = InMemoryModelStore(), SteppingClock()
    mirror = SyncChampion(store, board, copy, clock)
    assert mirror().reason == "nothing is in production"
    for model in (a_model(1.0), a_model(1.0, 2.0), a_model(3.0, 4.0)):
        store.save(ModelVersion("", model, a_lineage()))
    promote = PromoteModel(store, stepping)
    promote("1"), mirror()

    promote("2", feature_change_approved=True), promote("3")
    assert (mirror().state, board.read().champion.name) == (OK, "3")

    RollBack(store, stepping)(), RollBack(store, stepping)()
    assert (mirror().state, board.read().champion.name) == (OK, "1")


class FullDisk(FileLastKnownGood):
    """A copy that cannot be written while a test sets `full`."""

    full = True

    def keep(self, champion):
        if self.full:
            raise StoreUnavailable("the copy", "No space left on device")
        super().keep(champion)


def test_c13_promotion_is_served_from_memory_while_no_disk_can_be_written(registry, board, clock, caplog, tmp_path):
    caplog.set_level(logging.INFO)
    copy = FullDisk(tmp_path)
    mirror, latest = SyncChampion(registry, board, copy, clock), ResolveSyncedChampion(board, copy, clock, 5.0, 60.0)

    mirror(), mirror()

    assert served(latest) == ("1", ModelOrigin.REGISTRY)
    assert latest.registry_status().copy_problem == "the copy is not available: No space left on device"
    copy.full = False
    mirror(), mirror()
    assert latest.registry_status().copy_problem == ""
    assert copy.champion().name == "1"
    assert caplog.messages == ["local_copy_write_failed", "local_copy_recovered"]


def test_c13_disk_that_can_no_longer_be_written_is_noticed_within_a_minute(registry, board, clock, tmp_path):
    copy = FullDisk(tmp_path)
    copy.full, mirror = False, SyncChampion(registry, board, copy, clock)
    mirror()
    copy.full = True

    clock.seconds += CHECK_COPY_SECONDS - 0.1
    mirror()
    assert mirror().copy_problem == ""
    clock.seconds += 0.1
    mirror()
    assert "No space left" in mirror().copy_problem


def test_c19_champion_goes_on_as_a_cache_when_the_mirror_falls_silent(mirror, latest, clock):
    mirror()

    clock.seconds += CONFIRMED_FOR
    assert served(latest) == ("1", ModelOrigin.REGISTRY)
    clock.seconds += 0.5
    assert served(latest) == ("1", ModelOrigin.CACHE)
    assert latest.registry_status().state is OK
    clock.seconds += SILENT_AFTER
    assert latest.registry_status() == RegistryStatus(
        DOWN, "the registry sync has stopped reporting", CONFIRMED_FOR + 0.5 + SILENT_AFTER
    )
    assert served(latest) == ("1", ModelOrigin.CACHE)
