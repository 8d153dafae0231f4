"""The challenger of a rollout: fetched once and verified; no failure of it affects the champion."""

from dataclasses import replace

import pytest

from adapters.memory.model_store import InMemoryModelStore
from application.registry_sync.sync_challenger import REFUSED_FOR_MINUTES, SyncChallenger
from domain.access.redaction import Redaction
from domain.delivery.followed_rollout import FollowedRollout
from domain.delivery.rollout import Action, Phase, RolloutRecord, RolloutRequest
from domain.errors import StoreUnavailable
from domain.model.errors import CorruptModel
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from tests.support.examples import SettableClock, a_lineage, a_model, a_version
from tests.support.rollouts import a_canary

ONE, TWO = a_version("1", slope=1.0), a_version("2", slope=2.0)
CANARY = a_canary(ONE, TWO)


def later(rollout, beats=1):
    return replace(rollout, generation=rollout.generation + beats, beat=rollout.beat + beats)


class Host:
    """A host whose registry has `files`; what is fetched is recorded."""

    def __init__(self, **files):
        self.files, self.fetched, self.clock = {"1": ONE, "2": TWO} | files, [], SettableClock()
        self.sync = SyncChallenger(self.fetch, self.clock, Redaction(["s3cr3t"]))

    def fetch(self, version):
        self.fetched.append(version)
        found = self.files[version]
        if isinstance(found, Exception):
            raise found
        return found

    def follow(self, *rollouts, champion=ONE, request=None):
        """Follow states that were read a second after each other; return the last outcome."""
        for rollout in rollouts:
            self.clock.seconds += 1
            followed = self.sync(rollout and RolloutRecord(rollout, request), champion)
        return followed


def test_verified_challenger_is_fetched_once_and_has_traffic_once_the_beat_moves():
    host = Host()

    first, second = host.follow(CANARY), host.follow(later(CANARY), later(CANARY, 2))

    assert (first.challenger, first.problem) == (second.challenger, second.problem) == (TWO, "")
    assert first.exposure.trusted_until == float("-inf")
    assert (second.exposure.weight, second.exposure.trusted_until) == (1000, host.clock() + CANARY.plan.ttl_seconds)
    assert host.fetched == ["2"]


def test_r06_older_generation_is_ignored_and_an_abort_holds():
    host, abort = Host(), RolloutRequest(CANARY.id, Action.ABORT, "kim", "", 1)
    host.follow(CANARY, later(CANARY, 2))

    assert host.follow(later(CANARY)).exposure.rollout == later(CANARY, 2)
    assert host.follow(later(CANARY, 3), request=abort).exposure.weight == 0
    assert host.follow(later(CANARY, 4)).exposure.weight == 0


WRONG = (
    ({"2": CorruptModel("2", "its weights file is not the one that the registry has the digest of")}, ONE, "digest of"),
    ({"2": a_version("2", slope=3.0)}, ONE, "version '2' is broken: it is not the model that the rollout was started"),
    ({}, a_version("1", slope=9.0), "version '1' is broken: it is not the model that the rollout was started with"),
)


@pytest.mark.parametrize(("files", "champion", "why"), WRONG)
def test_r01_challenger_that_is_not_that_of_the_rollout_is_refused_for_minutes(files, champion, why):
    host = Host(**files)

    followed = host.follow(CANARY, later(CANARY), champion=champion)

    assert (followed.challenger, followed.exposure.rollout) == (None, later(CANARY))
    assert why in followed.problem
    assert host.fetched == ["2"]
    host.clock.seconds += 60 * REFUSED_FOR_MINUTES
    host.files["2"] = TWO
    assert host.follow(later(CANARY, 2)).challenger == TWO


def test_r01_challenger_of_other_features_is_refused():
    for model in (a_model(2.0, 1.0), LinearModel([2.0], 0.0, ("bp",))):
        other = ModelVersion("2", model, a_lineage())

        followed = Host(**{"2": other}).follow(a_canary(ONE, other))

        assert followed.challenger is None
        assert "version 2 takes other features than version 1" in followed.problem


def test_refusal_ends_with_its_rollout():
    host = Host(**{"2": CorruptModel("2", "half a file")})
    host.follow(CANARY)
    host.files["2"] = TWO

    assert host.follow(replace(CANARY, id="20261129T090412Z-2")).challenger == TWO


def test_registry_that_fails_during_the_fetch_is_asked_again_and_its_secrets_are_removed():
    host = Host(**{"2": StoreUnavailable("mlflow", "it answers s3cr3t")})
    problem = host.follow(CANARY).problem
    host.files["2"] = TWO

    assert "it answers" in problem
    assert "s3cr3t" not in problem
    assert host.follow(later(CANARY)).challenger == TWO


def test_state_of_another_champion_or_none_is_not_followed():
    host = Host()
    for rollout, champion in ((None, ONE), (CANARY, TWO), (CANARY, None)):
        host.follow(CANARY)
        assert host.follow(rollout, champion=champion) == FollowedRollout()
    assert host.follow(CANARY).challenger == TWO
    assert host.fetched == ["2"] * 4


def test_after_the_promotion_the_old_champion_is_compared_without_traffic():
    host, watch = Host(), replace(CANARY, phase=Phase.WATCH, stage=CANARY.plan.watch)
    host.follow(CANARY)

    followed = host.follow(later(watch, 1), later(watch, 2), champion=TWO)

    assert (followed.challenger, followed.exposure.weight, followed.problem) == (ONE, 0, "")
    assert host.follow(later(CANARY, 1)) == FollowedRollout()  # an older read of the old champion's state


def test_version_that_the_store_does_not_have_is_a_problem():
    sync = SyncChallenger(InMemoryModelStore().load, SettableClock())

    assert "no model version '2'" in sync(RolloutRecord(CANARY), ONE).problem
