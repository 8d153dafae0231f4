"""The mirror: what it asks, what it refuses, and what it posts. Rows of the fault table are named c07, c08, …."""

import itertools
import logging
import threading
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from adapters.memory.board import MemoryBoard
from adapters.memory.last_known_good import MemoryLastKnownGood
from adapters.memory.model_store import MemoryModelStore
from application.latest_mirrored import LatestMirrored
from application.mirror_champion import MirrorChampion
from application.promote_model import PromoteModel
from application.quarantine import MINUTES
from application.roll_back import RollBack
from domain.errors import AskedToWait, BadAnswer, BrokenModel, NoModel, StoreUnavailable
from domain.linear_model import LinearModel
from domain.mirror_report import RegistryState, RegistryWord
from domain.model_version import ModelVersion
from domain.nomination import Nomination
from domain.ports import ChampionSource
from domain.redaction import Redaction
from domain.snapshot import Snapshot, Source
from tests.examples import NOON, SteppingClock, a_lineage, a_model, a_version

CONFIRMED_FOR, SILENT_AFTER = 5.0, 60.0
OK, DOWN, BAD, CHANGED = RegistryState


class Clocks:
    """A clock for people and one for intervals, both set by hand."""

    def __init__(self) -> None:
        self.now = NOON
        self.seconds = 1000.0

    def wall(self):
        return self.now

    def monotonic(self):
        return self.seconds


@dataclass
class Registry(ChampionSource):
    """Names what a test puts into `names` (the last one again and again), and counts what is fetched."""

    names: list[Nomination | Exception | None] = field(default_factory=list)
    files: dict[str, ModelVersion | Exception] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    def nominated(self):
        named = self.names.pop(0) if len(self.names) > 1 else self.names[0]
        if isinstance(named, Exception):
            raise named
        return named

    def fetch(self, nomination):
        self.fetched.append(nomination.version)
        found = self.files[nomination.version]
        if isinstance(found, Exception):
            raise found
        return found


def named(version, digest="d"):
    return Nomination(version, digest)


@pytest.fixture
def clocks():
    return Clocks()


@pytest.fixture
def registry():
    return Registry([named("1")], {str(n): a_version(str(n), slope=float(n)) for n in range(1, 7)})


@pytest.fixture
def board():
    return MemoryBoard()


@pytest.fixture
def copy():
    return MemoryLastKnownGood(CONFIRMED_FOR)


@pytest.fixture
def mirror(registry, board, copy, clocks):
    return MirrorChampion(registry, board, copy, clocks.wall, clocks.monotonic)


@pytest.fixture
def latest(board, copy, clocks):
    return LatestMirrored(board, copy, clocks.wall, clocks.monotonic, CONFIRMED_FOR, SILENT_AFTER)


def served(latest):
    snapshot = latest()
    return snapshot and (snapshot.version.name, snapshot.source)


def test_champion_is_posted_kept_and_confirmed(mirror, latest, copy):
    report = mirror()

    assert (report.state, report.reason) == (OK, "")
    assert latest() == Snapshot(a_version("1", slope=1.0), Source.REGISTRY)
    assert copy.snapshot(now=NOON).version.name == "1"


def test_memory_store_is_a_registry_too(board, copy, clocks):
    store = MemoryModelStore()
    mirror = MirrorChampion(store, board, copy, clocks.wall, clocks.monotonic)
    assert mirror().reason == "nothing is in production"

    version = store.save(a_model(), a_lineage())
    store.promote(version.name, replacing=None, at=NOON)

    assert mirror().champion == version


def test_champion_that_is_here_is_not_fetched_again(mirror, registry):
    for _ in range(3):
        mirror()

    assert registry.fetched == ["1"]


def test_before_any_report_the_copy_is_all_there_is(latest, copy):
    assert latest() is None
    assert latest.registry() == RegistryWord(DOWN, "the mirror has not reported yet", None)
    assert latest.copy_problem() == ""

    copy.keep(a_version("1"))
    copy.note(heard_at=NOON, problem=None)

    assert served(latest) == ("1", Source.CACHE)


def test_c03_flapping_registry_is_reported_at_each_question_and_nothing_is_fetched_twice(mirror, registry, latest):
    lost = StoreUnavailable("mlflow", "refused")
    registry.names = [named("1"), named("1"), lost, named("1"), lost, named("1")]

    states = [mirror().state for _ in range(5)]

    assert states == [OK, DOWN, OK, DOWN, OK]
    assert registry.fetched == ["1"]
    assert served(latest) == ("1", Source.REGISTRY)


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (StoreUnavailable("mlflow", "refused"), DOWN),
        (BadAnswer("mlflow", "its answer is not JSON"), BAD),
        (BrokenModel("2", "its status in the registry is 'PENDING'"), BAD),
    ],
)
def test_lost_registry_leaves_the_champion_served_but_unconfirmed(mirror, registry, latest, clocks, error, state):
    mirror()
    clocks.seconds += 3
    registry.names = [error]

    report = mirror()

    assert (report.state, report.reason) == (state, str(error))
    assert served(latest) == ("1", Source.CACHE)
    clocks.seconds += 4
    # Nonsense is a word too; silence is none.
    assert latest.registry().seconds == (7 if state is DOWN else 4)


@pytest.mark.parametrize(
    ("names", "file", "state"),
    [
        ([named("2")], StoreUnavailable("mlflow", "it answers 503"), DOWN),
        ([named("2")], BrokenModel("2", "its digest is another"), BAD),
        ([BrokenModel("2", "it was deleted while it was in production")], None, BAD),
    ],
)
def test_champion_that_is_named_and_cannot_be_read_is_not_taken_for_none(mirror, registry, latest, names, file, state):
    registry.names, registry.files["2"] = names, file

    report = mirror()

    assert report.state is state
    with pytest.raises(NoModel) as caught:
        latest()
    assert caught.value.why == report.reason


def test_secret_that_the_registry_repeats_is_in_no_report_and_no_note(registry, board, copy, clocks, latest):
    registry.names = [BrokenModel("2", "its status in the registry is 'Bearer s3cr3t'")]

    report = MirrorChampion(registry, board, copy, clocks.wall, clocks.monotonic, redaction=Redaction(["s3cr3t"]))()

    with pytest.raises(NoModel) as caught:
        latest()
    assert "Bearer" in report.reason
    assert "s3cr3t" not in report.reason + str(caught.value) + str(vars(copy))


@pytest.mark.parametrize("said", [None, StoreUnavailable("mlflow", "refused"), BadAnswer("mlflow", "not JSON")])
def test_registry_that_has_named_no_champion_leaves_none_known(mirror, registry, latest, said):
    registry.names = [said]

    mirror()

    assert latest() is None


def test_c06_request_to_wait_is_handed_on_until_it_is_over(mirror, registry):
    registry.names = [AskedToWait("mlflow", "it answers 503", 30.0), named("1")]

    first = mirror()
    waited = mirror.asked_to_wait
    mirror()

    assert (first.state, waited, mirror.asked_to_wait) == (DOWN, 30.0, 0.0)


def test_c08_refused_version_is_not_fetched_again_for_minutes(mirror, registry, clocks, latest):
    mirror()
    registry.names, registry.files["2"] = [named("2")], BrokenModel("2", "its digest is another")

    reports = [mirror() for _ in range(3)]

    assert registry.fetched == ["1", "2"]
    assert {(report.state, report.reason) for report in reports} == {
        (
            BAD,
            "model version '2' is broken: its digest is another; it is not fetched again for 10 minutes, "
            "unless the registry names another",
        )
    }
    assert served(latest) == ("1", Source.CACHE)
    clocks.seconds += 60 * MINUTES
    registry.files["2"] = a_version("2")
    assert mirror().state is OK


@pytest.mark.parametrize("instead", [named("2", "another digest"), named("3")])
def test_c08_quarantine_ends_when_the_registry_names_something_else(mirror, registry, instead):
    registry.names, registry.files["2"] = [named("2")], BrokenModel("2", "its digest is another")
    mirror()
    registry.names, registry.files["2"] = [instead], a_version("2")

    assert mirror().champion.name == instead.version


def test_c08_version_that_was_named_in_between_is_fetched_again(mirror, registry):
    registry.names, registry.files["2"] = [named("2")], BrokenModel("2", "its digest is another")
    mirror()
    registry.names = [named("1")]
    mirror()
    registry.names = [named("2")]
    mirror()

    assert registry.fetched == ["2", "1", "2"]


def test_registry_that_fails_while_a_model_is_fetched_puts_nothing_into_quarantine(mirror, registry):
    registry.files["1"] = StoreUnavailable("mlflow", "no complete answer within 2 s")
    assert mirror().state is DOWN
    registry.files["1"] = a_version("1")

    assert mirror().state is OK


def test_c09_alias_that_moves_while_a_model_is_fetched_is_followed(mirror, registry, latest):
    registry.names = [named("4"), named("5"), named("6"), named("6")]

    mirror()

    assert registry.fetched == ["4", "5", "6"]
    assert served(latest) == ("6", Source.REGISTRY)


def test_c09_alias_that_never_rests_leaves_what_is_served(mirror, registry, latest):
    mirror()
    registry.names = [named(str(2 + n % 2)) for n in range(8)]

    report = mirror()

    assert "faster than one can be fetched" in report.reason
    assert served(latest) == ("1", Source.CACHE)


def test_c09_alias_that_goes_while_a_model_is_fetched_publishes_nothing(mirror, registry, latest):
    mirror()
    registry.names = [named("2"), None]

    assert mirror().reason == "nothing is in production"
    assert served(latest) == ("1", Source.CACHE)


class Moving(ChampionSource):
    """An alias that moves on, from version 4, before the steps that a test names; every question is a step."""

    def __init__(self, moves):
        self.moves, self.step, self.alias = moves, 0, 4

    def pass_a_step(self):
        self.alias += self.moves.count(self.step)
        self.step += 1

    def nominated(self):
        self.pass_a_step()
        return named(str(self.alias))

    def fetch(self, nomination):
        self.pass_a_step()
        return a_version(nomination.version, slope=float(nomination.version))


class Keeping(MemoryLastKnownGood):
    """Notes what is kept; keeping is a step too."""

    def __init__(self, registry):
        super().__init__(CONFIRMED_FOR)
        self.registry, self.names = registry, []

    def keep(self, champion):
        self.registry.pass_a_step()
        self.names.append(champion.name)
        super().keep(champion)


# One load that follows two moves asks, and fetches, three times, and keeps once; two loads take twice as many steps.
@pytest.mark.parametrize("moves", list(itertools.combinations_with_replacement(range(14), 2)), ids=str)
def test_c09_wherever_the_alias_moves_twice_no_older_champion_follows_a_newer(moves, clocks):
    registry = Moving(moves)
    copy, boards = Keeping(registry), (MemoryBoard(), MemoryBoard())
    first, second = (MirrorChampion(registry, board, copy, clocks.wall, clocks.monotonic) for board in boards)

    for load in (first, second, first, second):
        load()
    registry.moves = ()
    first(), second()

    assert copy.names == sorted(copy.names)
    assert copy.names[-1] == str(registry.alias)
    assert {board.latest().champion.name for board in boards} == {str(registry.alias)}


def test_c09_second_mirror_asks_when_the_first_has_kept_what_it_asked_for(clocks, copy, registry):
    lock, fetching, go_on, events = threading.Lock(), threading.Event(), threading.Event(), []

    class Slow(Registry):
        def fetch(self, nomination):
            fetching.set()
            assert go_on.wait(5)
            events.append("first fetched")
            return super().fetch(nomination)

    class Second(Registry):
        def nominated(self):
            events.append("second asked")
            return super().nominated()

    def run(source):
        MirrorChampion(source, MemoryBoard(), copy, clocks.wall, clocks.monotonic, lambda: lock)()

    threads = [threading.Thread(target=run, args=(kind(registry.names, registry.files),)) for kind in (Slow, Second)]
    threads[0].start()
    assert fetching.wait(5)
    threads[1].start()
    go_on.set()
    for thread in threads:
        thread.join()

    assert events[0] == "first fetched"


def test_c10_alias_that_was_deleted_unloads_nothing(mirror, registry, latest):
    mirror()
    registry.names = [None]

    report = mirror()

    assert (report.state, report.reason) == (BAD, "nothing is in production")
    assert served(latest) == ("1", Source.CACHE)


@pytest.fixture
def others(registry):
    """Versions 7 and 8 in the registry, which take other features than the rest."""
    for name in ("7", "8"):
        registry.files[name] = ModelVersion(name, a_model(float(name), 1.0), a_lineage())
    return registry


def test_c11_champion_of_other_features_waits_and_is_fetched_once(mirror, others, latest):
    mirror()
    others.names = [named("7")]

    reports = [mirror() for _ in range(3)]

    assert others.fetched == ["1", "7"]
    assert {report.state for report in reports} == {CHANGED}
    assert "version 7 takes other features than version 1 (new: bp)" in reports[0].reason
    assert "`endeavour promote 7 --features-may-change`" in reports[0].reason
    assert served(latest) == ("1", Source.CACHE)


def test_c11_waiting_costs_the_registry_one_question_a_poll(mirror, others):
    mirror()
    others.names = [named("7")]
    mirror()
    asked = [named("7")] * 3
    others.names = list(asked)

    mirror(), mirror()

    assert len(others.names) == len(asked) - 2


def test_c11_champion_is_served_at_the_next_question_after_it_was_said(mirror, others, latest):
    mirror()
    others.names = [named("7")]
    mirror()
    others.names = [Nomination("7", "d", features_may_change=True)]

    assert mirror().state is OK
    assert served(latest) == ("7", Source.REGISTRY)
    assert others.fetched == ["1", "7"]


def test_c11_alias_that_is_moved_back_ends_the_waiting(mirror, others, latest):
    mirror()
    others.names = [named("7")]
    mirror()
    others.names = [named("1")]

    assert mirror().state is OK
    assert served(latest) == ("1", Source.REGISTRY)


def test_c11_same_features_in_another_order_wait_too(mirror, registry, latest):
    registry.files["1"] = ModelVersion("1", a_model(1.0, 2.0), a_lineage())
    mirror()
    registry.names = [named("2")]
    registry.files["2"] = ModelVersion("2", LinearModel([2.0, 1.0], 0.0, ("bp", "bmi")), a_lineage())

    report = mirror()

    assert (report.state, served(latest)) == (CHANGED, ("1", Source.CACHE))
    assert "the same in another order" in report.reason


def test_c11_after_a_restart_the_copy_is_what_is_compared_with(others, board, copy, clocks, latest):
    copy.keep(a_version("1", slope=1.0))
    others.names = [named("7")]
    mirror = MirrorChampion(others, board, copy, clocks.wall, clocks.monotonic)

    assert mirror().state is CHANGED
    assert served(latest) == ("1", Source.CACHE)
    others.names = [Nomination("7", "d", features_may_change=True)]
    assert mirror().state is OK
    assert copy.snapshot(now=NOON).version.name == "7"


def test_c11_host_that_has_served_no_champion_takes_any(others, board, clocks):
    others.names = [named("7")]

    report = MirrorChampion(others, board, MemoryLastKnownGood(CONFIRMED_FOR), clocks.wall, clocks.monotonic)()

    assert (report.state, report.champion.name) == (OK, "7")


def test_c11_digest_that_changes_while_a_champion_waits_is_noticed(mirror, others):
    mirror()
    others.names = [named("7")]
    mirror()
    others.names = [Nomination("7", "another", features_may_change=True)]

    assert "another digest of it than before" in mirror().reason


def test_c11_promotions_that_a_host_has_missed_are_followed_by_what_was_said_of_the_first(board, copy, clocks):
    """The registry has moved twice while this host was away: to other features, as was said, and on from there."""
    store, clock = MemoryModelStore(), SteppingClock()
    for model in (a_model(1.0), a_model(1.0, 2.0), a_model(3.0, 4.0)):
        store.save(model, a_lineage())
    promote = PromoteModel(store, clock)
    promote("1")
    mirror = MirrorChampion(store, board, copy, clocks.wall, clocks.monotonic)
    mirror()

    promote("2", features_may_change=True)
    promote("3")

    assert (mirror().state, board.latest().champion.name) == (OK, "3")


def test_c11_rollback_to_other_features_is_followed(board, copy, clocks):
    store, clock = MemoryModelStore(), SteppingClock()
    for model in (a_model(1.0), a_model(1.0, 2.0)):
        store.save(model, a_lineage())
    promote = PromoteModel(store, clock)
    mirror = MirrorChampion(store, board, copy, clocks.wall, clocks.monotonic)
    promote("1"), mirror()
    promote("2", features_may_change=True), mirror()

    RollBack(store, clock)()

    assert (mirror().state, board.latest().champion.name) == (OK, "1")


class FullDisk(MemoryLastKnownGood):
    """A copy that cannot be written while a test says so."""

    full = True

    def keep(self, champion):
        if self.full:
            raise StoreUnavailable("the copy", "No space left on device")
        super().keep(champion)


def test_c13_promotion_is_served_from_memory_while_no_disk_can_be_written(registry, board, clocks, caplog):
    caplog.set_level(logging.INFO)
    copy = FullDisk(CONFIRMED_FOR)
    MemoryLastKnownGood.keep(copy, a_version("0"))
    mirror = MirrorChampion(registry, board, copy, clocks.wall, clocks.monotonic)
    latest = LatestMirrored(board, copy, clocks.wall, clocks.monotonic, CONFIRMED_FOR, SILENT_AFTER)

    mirror()
    mirror()

    assert served(latest) == ("1", Source.REGISTRY)
    assert latest.copy_problem() == "the copy is not available: No space left on device"
    assert copy.snapshot(now=NOON).version.name == "0"
    copy.full = False
    mirror()
    assert latest.copy_problem() == ""
    assert copy.snapshot(now=NOON).version.name == "1"
    assert [record.message for record in caplog.records] == ["copy_not_kept", "copy_kept"]


@pytest.mark.parametrize("jump", [timedelta(days=1), timedelta(days=-1)])
def test_c17_clock_that_jumps_changes_nothing(mirror, latest, clocks, jump):
    mirror()
    clocks.now += jump

    assert served(latest) == ("1", Source.REGISTRY)
    assert latest.registry().seconds == 0
    mirror()
    assert served(latest) == ("1", Source.REGISTRY)


def test_champion_is_a_cache_when_the_mirror_has_not_reported_for_long(mirror, latest, clocks):
    mirror()

    clocks.seconds += CONFIRMED_FOR
    assert served(latest) == ("1", Source.REGISTRY)
    clocks.seconds += 0.1
    assert served(latest) == ("1", Source.CACHE)


def test_c18_other_digest_behind_the_same_version_is_refused_and_not_even_fetched(mirror, registry, latest):
    mirror()
    registry.names = [named("2"), named("2"), named("1", "other")]
    mirror()

    report = mirror()

    assert "another digest of it than before" in report.reason
    assert report.state is BAD
    assert registry.fetched == ["1", "2"]
    assert served(latest) == ("2", Source.CACHE)


def test_c18_other_model_than_was_kept_under_the_name_is_refused_after_a_restart(mirror, registry, copy, latest):
    copy.keep(a_version("1", slope=7.0))

    report = mirror()

    assert "not the model that this host has kept under that name" in report.reason
    assert latest() == Snapshot(a_version("1", slope=7.0), Source.CACHE)


def test_c18_copy_that_cannot_be_read_is_no_reason_to_refuse(registry, board, clocks):
    class Broken(MemoryLastKnownGood):
        def snapshot(self, *, now):
            raise BrokenModel("CURRENT", "half a file")

    mirror = MirrorChampion(registry, board, Broken(CONFIRMED_FOR), clocks.wall, clocks.monotonic)

    assert mirror().state is OK


def test_c19_mirror_that_has_died_is_seen_by_its_silence_and_the_champion_goes_on(mirror, latest, clocks):
    mirror()
    clocks.seconds += SILENT_AFTER + 1

    word = latest.registry()

    assert (word.state, word.reason, word.seconds) == (DOWN, "the mirror has fallen silent", SILENT_AFTER + 1)
    assert served(latest) == ("1", Source.CACHE)
