"""The registry sync: requests, refusals and reports. Rows of docs/failure-modes.md are named c03, c06, …."""

import itertools
import logging
import os
from dataclasses import dataclass, field, replace
from functools import partial

import pytest

from adapters.files.last_known_good import FileLastKnownGood
from adapters.files.sync_status import FileSyncStatus
from adapters.memory.ledger import InMemoryLedger
from adapters.memory.model_store import InMemoryModelStore
from application.audit.record_change import RecordChange
from application.promotion.promote_model import PromoteModel
from application.promotion.roll_back import RollBack
from application.registry_sync.keep_copy import CHECK_COPY_SECONDS
from application.registry_sync.sync_champion import REFUSED_FOR_MINUTES, SyncChampion
from domain.access.redaction import Redaction
from domain.delivery.champion_ref import ChampionRef
from domain.delivery.errors import InvalidRegistryResponse, RegistryThrottled
from domain.delivery.rollout import RolloutRecord
from domain.delivery.sync_report import RegistryState
from domain.errors import StoreUnavailable
from domain.model.errors import CorruptModel
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.ports import ChampionSource
from tests.support.examples import SettableClock, SteppingClock, a_lineage, a_model, a_version
from tests.support.rollouts import a_canary

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

    def version_ref(self, version):
        return named(version)

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


class Host:
    """A host with its registry, which has versions 1 to 6, and 7, which takes other features."""

    def __init__(self, root, registry=None, copy=None, redaction=None):
        root.mkdir(exist_ok=True)
        files = {str(n): a_version(str(n), slope=float(n)) for n in range(1, 7)}
        files["7"] = ModelVersion("7", a_model(7.0, 1.0), a_lineage())
        self.registry, self.clock = registry or Registry([named("1")], files), SettableClock()
        self.status, self.copy = FileSyncStatus(root / "status"), copy or FileLastKnownGood(root / "copy")
        self.sync = SyncChampion(self.registry, self.status, self.copy, self.clock, redaction)

    def poll(self, *names):
        """Poll once, or once for each of `names`, which the registry names then; return the last report."""
        for name in names:
            self.registry.names = [name]
            report = self.sync()
        return report if names else self.sync()

    @property
    def served(self):
        return self.status.read().champion.name


@pytest.fixture
def host(tmp_path):
    return Host(tmp_path)


def test_c03_flapping_registry_is_reported_at_each_poll_and_its_champion_is_kept_and_fetched_once(host):
    states = [host.poll(name).state for name in (named("1"), DOWN, named("1"), DOWN, named("1"))]

    assert states == [OK, UNREACHABLE, OK, UNREACHABLE, OK]
    assert host.registry.fetched == ["1"]
    assert host.status.read().champion == host.copy.champion() == a_version("1", slope=1.0)
    assert host.status.read().reason == ""


def test_name_of_the_champion_is_what_the_registry_named_last(host):
    names = [host.sync.champion_name]
    for name in (named("2"), DOWN, None):
        host.poll(name)
        names.append(host.sync.champion_name)

    assert names == ["", "2", "2", ""]


def test_failure_of_the_registry_leaves_the_champion_and_only_a_response_is_a_contact(host):
    host.poll()
    for error, state in (
        (DOWN, UNREACHABLE),
        (InvalidRegistryResponse("mlflow", "its response is not JSON"), INVALID),
        (CorruptModel("2", "its status in the registry is 'PENDING'"), INVALID),
        (None, INVALID),  # c10: the alias was deleted
    ):
        before = host.clock.seconds
        host.clock.seconds += 3

        report = host.poll(error)

        assert (report.state, report.reason) == (state, str(error or "nothing is in production"))
        assert report.champion.name == "1"
        assert report.last_contact_at == (before if state is UNREACHABLE else host.clock.seconds)


def test_report_has_whether_a_champion_was_ever_named(tmp_path):
    for name, file, state, was_named in (
        (named("2"), StoreUnavailable("mlflow", "it answers 503"), UNREACHABLE, True),
        (named("2"), CORRUPT, INVALID, True),
        (CorruptModel("2", "it was deleted while it was in production"), None, INVALID, True),
        (None, None, INVALID, False),
        (DOWN, None, UNREACHABLE, False),
        (InvalidRegistryResponse("mlflow", "not JSON"), None, INVALID, False),
    ):
        host = Host(tmp_path)
        host.registry.files["2"] = file

        report = host.poll(name)

        assert (report.state, report.champion, report.champion_named) == (state, None, was_named), name


def test_secret_in_a_response_of_the_registry_is_in_no_report(tmp_path):
    host = Host(tmp_path, redaction=Redaction(["s3cr3t"]))

    host.poll(CorruptModel("2", "its status in the registry is 'Bearer s3cr3t'"))

    assert "Bearer" in host.status.read().reason
    assert "s3cr3t" not in host.status.read().reason


def test_c06_retry_after_holds_until_the_next_response(host):
    throttled = RegistryThrottled("mlflow", "it answers 503", 30.0)

    found = [(host.poll(name).state, host.sync.retry_after_seconds) for name in (throttled, named("1"))]

    assert found == [(UNREACHABLE, 30.0), (OK, 0.0)]


def test_c08_corrupt_version_is_not_fetched_again_for_minutes(host):
    host.registry.files["2"] = CORRUPT

    report = host.poll(named("1"), *[named("2")] * 3)

    assert host.registry.fetched == ["1", "2"]
    assert report.state is INVALID
    assert CORRUPT.why in report.reason
    assert host.served == "1"
    host.clock.seconds += 60 * REFUSED_FOR_MINUTES
    host.registry.files["2"] = a_version("2")
    assert host.poll().state is OK


def test_c08_refusal_ends_when_the_registry_has_named_another_version(tmp_path):
    for first, names, fetched in (
        ([], [named("2", "another digest")], ["2", "2"]),
        ([], [named("3")], ["2", "3"]),
        ([], [named("1"), named("2")], ["2", "1", "2"]),
        ([named("1")], [named("1"), named("2")], ["1", "2", "2"]),  # version 1 is here already
    ):
        host = Host(tmp_path)
        host.registry.files["2"] = CORRUPT
        host.poll(*first, named("2"))
        host.registry.files["2"] = a_version("2")

        assert host.poll(*names).champion.name == names[-1].version
        assert host.registry.fetched == fetched


def test_registry_that_fails_during_a_fetch_is_asked_again_at_the_next_poll(host):
    host.registry.files["1"] = StoreUnavailable("mlflow", "no complete response within 2 s")
    assert host.poll().state is UNREACHABLE
    host.registry.files["1"] = a_version("1")

    assert host.poll().state is OK


def test_c09_alias_that_moves_faster_than_a_model_is_fetched_leaves_the_champion(host):
    host.poll()
    for names, reason in (
        ([named(str(2 + n % 2)) for n in range(8)], "faster than one can be fetched"),
        ([named("2"), None], "nothing is in production"),
    ):
        host.registry.names = names
        assert reason in host.poll().reason
        assert host.served == "1"


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

    def version_ref(self, version):
        return named(version)

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


def test_c09_alias_that_moves_twice_at_any_steps_is_followed_and_never_back(tmp_path):
    # A poll that follows two moves asks, and fetches, three times, and keeps once.
    for moves in itertools.combinations_with_replacement(range(8), 2):
        registry = Moving(moves)
        host = Host(tmp_path, registry, Keeping(tmp_path / str(moves), registry))

        host.poll(), host.poll()
        registry.moves = ()
        host.poll()

        assert host.copy.names == sorted(host.copy.names), moves
        assert host.copy.names[-1] == host.served == str(registry.alias), moves


def test_c11_champion_of_other_features_waits_for_approval(host):
    host.poll()
    host.registry.names = [named("7")] * 4

    reports = [host.poll() for _ in range(2)]

    assert host.registry.fetched == ["1", "7"]
    assert len(host.registry.names) == 1  # two requests about a new reference, one about the same
    assert {report.state for report in reports} == {AWAITING_APPROVAL}
    assert "version 7 takes other features than version 1 (added: bp)" in reports[0].reason
    assert host.served == "1"
    assert host.poll(named("7", approved=True)).state is OK
    assert host.served == "7"
    assert host.registry.fetched == ["1", "7"]


def test_c11_alias_that_is_moved_back_ends_the_wait(host):
    host.registry.files["1"] = ModelVersion("1", a_model(1.0, 2.0), a_lineage())
    host.registry.files["2"] = ModelVersion("2", LinearModel([2.0, 1.0], 0.0, ("bp", "bmi")), a_lineage())

    assert host.poll(named("1"), named("2")).state is AWAITING_APPROVAL  # the same in another order
    assert host.poll(named("1")).state is OK
    assert host.served == "1"


def test_c11_after_a_restart_features_are_compared_with_a_readable_copy(tmp_path):
    assert Host(tmp_path / "none").poll(named("7")).champion.name == "7"
    Host(tmp_path / "host").poll()
    assert Host(tmp_path / "host").poll(named("7")).state is AWAITING_APPROVAL

    (tmp_path / "host" / "copy" / "CURRENT").write_bytes(b"half a file")

    assert Host(tmp_path / "host").poll(named("7")).state is OK


def test_c11_missed_promotions_and_rollbacks_are_followed(tmp_path):
    """Version 2 is approved, and version 3 takes the same features."""
    store, clock = InMemoryModelStore(), SteppingClock()
    changes = store, clock, RecordChange(InMemoryLedger()), "kim@host"
    host, promote, roll_back = Host(tmp_path, store), partial(PromoteModel(*changes), why=""), RollBack(*changes)
    assert host.poll().reason == "nothing is in production"
    for model in (a_model(1.0), a_model(1.0, 2.0), a_model(3.0, 4.0)):
        store.save(ModelVersion("", model, a_lineage()))
    promote("1"), host.poll()

    promote("2", feature_change_approved=True), promote("3")
    assert (host.poll().state, host.served) == (OK, "3")

    roll_back("")
    assert roll_back("").feature_change_approved
    assert (host.poll().state, host.served) == (OK, "1")


class FullDisk(FileLastKnownGood):
    """A copy that cannot be written while a test sets `full`."""

    full = False

    def keep(self, champion):
        self.validate_writable()
        super().keep(champion)

    def validate_writable(self):
        if self.full:
            raise StoreUnavailable("the copy", "No space left on device")


def test_c13_promotion_is_served_from_memory_while_no_disk_can_be_written(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    host = Host(tmp_path, copy=FullDisk(tmp_path / "copy"))
    host.copy.full = True

    host.poll()
    assert host.poll().copy_problem == "No space left on device"
    assert host.served == "1"
    host.copy.full = False
    host.poll()
    assert host.poll().copy_problem == ""
    assert host.copy.champion().name == "1"
    assert caplog.messages == ["local_copy_write_failed", "local_copy_recovered"]


def test_c13_disk_that_can_no_longer_be_written_is_reported_within_a_minute(tmp_path):
    for name in (named("1"), DOWN):  # with a champion, and without one
        host = Host(tmp_path, copy=FullDisk(tmp_path / type(name).__name__))
        host.poll(name)
        host.copy.full = True

        host.clock.seconds += CHECK_COPY_SECONDS - 0.1
        assert host.poll(name, name).copy_problem == ""
        host.clock.seconds += 0.1
        assert "No space left" in host.poll(name, name).copy_problem


def canary(beat):
    """Return a rollout of version 2 beside version 1, as the registry has it after `beat` ticks."""
    files = [ModelVersion(name, a_model(float(name)), a_lineage()) for name in ("1", "2")]
    state = replace(a_canary(*files), beat=beat, generation=beat + 1)
    return replace(named("1"), rollout=RolloutRecord(state))


def test_rollout_comes_with_its_champion_and_only_its_own_end_or_another_champion_ends_it(host):
    host.poll(canary(0), canary(1))
    report = host.status.read()
    assert (report.exposure.weight, report.challenger) == (1000, host.registry.files["2"])
    assert host.registry.fetched == ["1", "2"]

    for error in (
        DOWN,
        InvalidRegistryResponse("mlflow", "not JSON"),
        RegistryThrottled("mlflow", "it answers 429", 1),
    ):
        host.clock.seconds += 5
        assert host.poll(error).exposure == report.exposure
        assert host.status.read().challenger == report.challenger
    for ended in (named("1"), named("7"), None, CorruptModel("2", "deleted"), named("3")):
        assert host.poll(canary(1)).challenger
        assert (host.poll(ended).exposure, host.status.read().challenger) == (None, None)


def test_challenger_that_cannot_be_used_leaves_the_champion_as_it_was(host):
    host.registry.files["2"] = CORRUPT

    report = host.poll(canary(0), canary(1))

    assert (report.state, report.reason, host.served) == (OK, "", "1")
    assert (report.exposure.weight, report.challenger) == (1000, None)
    assert CORRUPT.why in report.challenger_problem
    assert host.registry.fetched == ["1", "2"]
