"""The registry sync: requests, refusals and reports. Rows of docs/failure-modes.md are named c03, c06, …."""

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
from domain.access.redaction import Redaction
from domain.delivery.champion_ref import ChampionRef
from domain.delivery.errors import InvalidRegistryResponse, RegistryThrottled
from domain.delivery.sync_report import RegistryState
from domain.errors import StoreUnavailable
from domain.model.errors import CorruptModel
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.ports import ChampionSource
from tests.support.examples import SettableClock, SteppingClock, a_lineage, a_model, a_version

OK, UNREACHABLE, INVALID, AWAITING_APPROVAL = RegistryState
DOWN = StoreUnavailable("mlflow", "refused")
CORRUPT = CorruptModel("2", "its digest is another")


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


def named(version, digest="d", *, approved=False):
    return ChampionRef(version, digest, feature_change_approved=approved)


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def clock():
    return SettableClock()


@pytest.fixture
def registry():
    """Versions 1 to 6, and 7, which takes other features."""
    files = {str(n): a_version(str(n), slope=float(n)) for n in range(1, 7)}
    return Registry([named("1")], files | {"7": ModelVersion("7", a_model(7.0, 1.0), a_lineage())})


@pytest.fixture
def status(tmp_path):
    return FileSyncStatus(tmp_path / "status")


@pytest.fixture
def copy(tmp_path):
    return FileLastKnownGood(tmp_path / "copy")


@pytest.fixture
def sync(registry, status, copy, clock):
    return SyncChampion(registry, status, copy, clock)


def served(status):
    return status.read().champion.name


def poll(sync, registry, *names):
    """Poll once for each of `names`, which the registry names then; return the last report."""
    for name in names:
        registry.names = [name]
        report = sync()
    return report


def test_champion_is_published_kept_and_fetched_once(sync, registry, status, copy):
    report = sync()
    sync()

    assert (report.state, report.reason) == (OK, "")
    assert status.read().champion == copy.champion() == a_version("1", slope=1.0)
    assert registry.fetched == ["1"]


def test_c03_flapping_registry_is_reported_at_each_poll_and_no_model_is_fetched_twice(sync, registry, status):
    registry.names = [named("1"), named("1"), DOWN, named("1"), DOWN, named("1")]

    assert [sync().state for _ in range(5)] == [OK, UNREACHABLE, OK, UNREACHABLE, OK]
    assert registry.fetched == ["1"]


def test_failure_of_the_registry_leaves_the_champion_and_only_a_response_is_a_contact(sync, registry, clock):
    sync()
    for error, state in (
        (DOWN, UNREACHABLE),
        (InvalidRegistryResponse("mlflow", "its response is not JSON"), INVALID),
        (CorruptModel("2", "its status in the registry is 'PENDING'"), INVALID),
        (None, INVALID),  # c10: the alias was deleted
    ):
        before = clock.seconds
        clock.seconds += 3

        report = poll(sync, registry, error)

        assert (report.state, report.reason) == (state, str(error or "nothing is in production"))
        assert report.champion.name == "1"
        assert report.last_contact_at == (before if state is UNREACHABLE else clock.seconds)


def test_report_has_whether_a_champion_was_ever_named(registry, status, copy, clock):
    for name, file, state, was_named in (
        (named("2"), StoreUnavailable("mlflow", "it answers 503"), UNREACHABLE, True),
        (named("2"), CORRUPT, INVALID, True),
        (CorruptModel("2", "it was deleted while it was in production"), None, INVALID, True),
        (None, None, INVALID, False),
        (DOWN, None, UNREACHABLE, False),
        (InvalidRegistryResponse("mlflow", "not JSON"), None, INVALID, False),
    ):
        registry.files["2"] = file

        report = poll(SyncChampion(registry, status, copy, clock), registry, name)

        assert (report.state, report.champion, report.champion_named) == (state, None, was_named), name


def test_secret_in_a_response_of_the_registry_is_in_no_report(registry, status, copy, clock):
    sync = SyncChampion(registry, status, copy, clock, Redaction(["s3cr3t"]))

    poll(sync, registry, CorruptModel("2", "its status in the registry is 'Bearer s3cr3t'"))

    assert "Bearer" in status.read().reason
    assert "s3cr3t" not in status.read().reason


def test_c06_retry_after_holds_until_the_next_response(sync, registry):
    registry.names = [RegistryThrottled("mlflow", "it answers 503", 30.0), named("1")]

    assert [(sync().state, sync.retry_after_seconds) for _ in range(2)] == [(UNREACHABLE, 30.0), (OK, 0.0)]


def test_c08_corrupt_version_is_not_fetched_again_for_minutes(sync, registry, clock, status):
    registry.files["2"] = CORRUPT

    report = poll(sync, registry, named("1"), *[named("2")] * 3)

    assert registry.fetched == ["1", "2"]
    assert report.state is INVALID
    assert CORRUPT.why in report.reason
    assert served(status) == "1"
    clock.seconds += 60 * REFUSED_FOR_MINUTES
    registry.files["2"] = a_version("2")
    assert sync().state is OK


def test_c08_refusal_ends_when_the_registry_has_named_another_version(registry, status, copy, clock):
    for first, names, fetched in (
        ([], [named("2", "another digest")], ["2", "2"]),
        ([], [named("3")], ["2", "3"]),
        ([], [named("1"), named("2")], ["2", "1", "2"]),
        ([named("1")], [named("1"), named("2")], ["1", "2", "2"]),  # version 1 is here already
    ):
        registry.fetched.clear()
        sync, registry.files["2"] = SyncChampion(registry, status, copy, clock), CORRUPT
        poll(sync, registry, *first, named("2"))
        registry.files["2"] = a_version("2")

        assert poll(sync, registry, *names).champion.name == names[-1].version
        assert registry.fetched == fetched


def test_registry_that_fails_during_a_fetch_is_asked_again_at_the_next_poll(sync, registry):
    registry.files["1"] = StoreUnavailable("mlflow", "no complete response within 2 s")
    assert sync().state is UNREACHABLE
    registry.files["1"] = a_version("1")

    assert sync().state is OK


def test_c09_alias_that_moves_faster_than_a_model_is_fetched_leaves_the_champion(sync, registry, status):
    sync()
    registry.names = [named(str(2 + n % 2)) for n in range(8)]
    assert "faster than one can be fetched" in sync().reason
    assert served(status) == "1"

    registry.names = [named("2"), None]
    assert sync().reason == "nothing is in production"
    assert served(status) == "1"


class Moving(ChampionSource):
    """An alias that moves on, from version 4, before the steps in `moves`; every call is a step."""

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


def test_c09_alias_that_moves_twice_at_any_steps_is_followed_and_never_back(status, clock, tmp_path):
    # A poll that follows two moves asks, and fetches, three times, and keeps once.
    for moves in itertools.combinations_with_replacement(range(8), 2):
        registry = Moving(moves)
        copy = Keeping(tmp_path / str(moves), registry)
        sync = SyncChampion(registry, status, copy, clock)

        sync(), sync()
        registry.moves = ()
        sync()

        assert copy.names == sorted(copy.names), moves
        assert copy.names[-1] == served(status) == str(registry.alias), moves


def test_c11_champion_of_other_features_waits_for_approval(sync, registry, status):
    sync()
    registry.names = [named("7")] * 4

    reports = [sync() for _ in range(2)]

    assert registry.fetched == ["1", "7"]
    assert len(registry.names) == 1  # two requests about a new reference, one about the same
    assert {report.state for report in reports} == {AWAITING_APPROVAL}
    assert "version 7 takes other features than version 1 (added: bp)" in reports[0].reason
    assert served(status) == "1"
    registry.names = [named("7", approved=True)]
    assert (sync().state, served(status)) == (OK, "7")
    assert registry.fetched == ["1", "7"]


def test_c11_alias_that_is_moved_back_ends_the_wait(sync, registry, status):
    registry.files |= {"1": ModelVersion("1", a_model(1.0, 2.0), a_lineage())}
    registry.files |= {"2": ModelVersion("2", LinearModel([2.0, 1.0], 0.0, ("bp", "bmi")), a_lineage())}

    assert poll(sync, registry, named("1"), named("2")).state is AWAITING_APPROVAL  # the same in another order
    assert poll(sync, registry, named("1")).state is OK
    assert served(status) == "1"


def test_c11_after_a_restart_features_are_compared_with_a_readable_copy(registry, status, copy, clock, tmp_path):
    registry.names = [named("7")]
    assert SyncChampion(registry, status, FileLastKnownGood(tmp_path / "none"), clock)().champion.name == "7"
    copy.keep(a_version("1", slope=1.0))
    assert SyncChampion(registry, status, copy, clock)().state is AWAITING_APPROVAL

    (tmp_path / "copy" / "CURRENT").write_bytes(b"half a file")

    assert SyncChampion(registry, status, copy, clock)().state is OK


def test_c11_missed_promotions_and_rollbacks_are_followed(status, copy, clock):
    """Version 2 is approved, and version 3 takes the same features."""
    store, stepping = InMemoryModelStore(), SteppingClock()
    sync = SyncChampion(store, status, copy, clock)
    assert sync().reason == "nothing is in production"
    for model in (a_model(1.0), a_model(1.0, 2.0), a_model(3.0, 4.0)):
        store.save(ModelVersion("", model, a_lineage()))
    promote = PromoteModel(store, stepping)
    promote("1"), sync()

    promote("2", feature_change_approved=True), promote("3")
    assert (sync().state, served(status)) == (OK, "3")

    RollBack(store, stepping)(), RollBack(store, stepping)()
    assert (sync().state, served(status)) == (OK, "1")


class FullDisk(FileLastKnownGood):
    """A copy that cannot be written while a test sets `full`."""

    full = True

    def keep(self, champion):
        self.validate_writable()
        super().keep(champion)

    def validate_writable(self):
        if self.full:
            raise StoreUnavailable("the copy", "No space left on device")


def test_c13_promotion_is_served_from_memory_while_no_disk_can_be_written(registry, status, clock, caplog, tmp_path):
    caplog.set_level(logging.INFO)
    copy = FullDisk(tmp_path)
    sync = SyncChampion(registry, status, copy, clock)

    sync()
    assert "No space left on device" in sync().copy_problem
    assert served(status) == "1"
    copy.full = False
    sync()
    assert sync().copy_problem == ""
    assert copy.champion().name == "1"
    assert caplog.messages == ["local_copy_write_failed", "local_copy_recovered"]


def test_c13_disk_that_can_no_longer_be_written_is_reported_within_a_minute(registry, status, clock, tmp_path):
    for name in (named("1"), DOWN):  # with a champion, and without one
        copy = FullDisk(tmp_path / type(name).__name__)
        copy.full, sync = False, SyncChampion(registry, status, copy, clock)
        poll(sync, registry, name)
        copy.full = True

        clock.seconds += CHECK_COPY_SECONDS - 0.1
        assert poll(sync, registry, name, name).copy_problem == ""
        clock.seconds += 0.1
        assert "No space left" in poll(sync, registry, name, name).copy_problem
