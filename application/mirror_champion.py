"""Bring the champion from the registry to where this host can read it alone."""

import contextlib
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from application.quarantine import Quarantine
from domain.errors import (
    AskedToWait,
    BackendUnavailable,
    BadAnswer,
    BrokenModel,
    FeaturesChanged,
    NothingInProduction,
)
from domain.mirror_report import MirrorReport, RegistryState
from domain.model_version import ModelVersion
from domain.nomination import Nomination
from domain.ports import ChampionSource, Clock, LastKnownGood, MirrorBoard
from domain.redaction import Redaction

log = logging.getLogger(__name__)

# An alias that moves faster than a model can be fetched is read again at the next question.
MOST_MOVES = 3


class MirrorChampion:
    """Ask the registry once, post what came of it, and keep the champion on the disk; never raise because of either.

    A model is fetched if the registry names one that is not here. What it names is read again before the model is
    posted, so that an alias that moved meanwhile is followed, and never back. One that takes other features than the
    one served, or kept here, waits until the registry says that they may change.

    Parameters
    ----------
    registry : ChampionSource
    board : MirrorBoard
        In memory, and so the first to know: a promotion is served although no disk can be written.
    copy : LastKnownGood
        What is left of all this after a restart.
    clock : Clock
    monotonic : callable
        Seconds of a clock that nobody can set.
    alone : callable
        Gives a context in which no other mirror of this host is between asking and keeping.
    redaction : Redaction or None
        Removes secrets from reasons, which may repeat what the registry has answered.
    """

    def __init__(
        self,
        registry: ChampionSource,
        board: MirrorBoard,
        copy: LastKnownGood,
        clock: Clock,
        monotonic: Callable[[], float],
        alone: Callable[[], AbstractContextManager[None]] = nullcontext,
        redaction: Redaction | None = None,
    ) -> None:
        self._registry, self._board, self._copy = registry, board, copy
        self._clock, self._monotonic, self._alone = clock, monotonic, alone
        self._redaction = redaction or Redaction()
        self._quarantine = Quarantine()
        self._fetched_last: tuple[Nomination, ModelVersion] | None = None
        self._digests: dict[str, str | None] = {}
        self._champion: ModelVersion | None = None
        self._heard_at: float | None = None
        self._copy_problem = ""
        self._has_named = False
        self.asked_to_wait = 0.0
        """Seconds for which the registry has asked not to be asked again."""

    def __call__(self) -> MirrorReport:
        """Return what was posted last."""
        with self._alone():
            state, reason = self._ask()
            reason = self._redaction.text(reason)
            now = self._monotonic()
            report = MirrorReport(
                self._champion, state, reason, self._heard_at, now, self._copy_problem, self._has_named
            )
            self._board.post(report)
            problem = self._keep(reason or None)
        if problem != self._copy_problem:
            self._copy_problem = problem
            self._tell_of_copy(problem)
            report = replace(report, copy_problem=problem)
            self._board.post(report)
        return report

    def _ask(self) -> tuple[RegistryState, str]:
        self.asked_to_wait = 0.0
        try:
            self._champion = self._admitted(*self._named())
        except FeaturesChanged as error:
            return RegistryState.FEATURES_CHANGED, str(error)
        except (BadAnswer, BrokenModel, NothingInProduction) as error:
            return RegistryState.BAD, str(error)
        except BackendUnavailable as error:
            if isinstance(error, AskedToWait):
                self.asked_to_wait = error.seconds
            return RegistryState.DOWN, str(error)
        return RegistryState.OK, ""

    def _named(self) -> tuple[Nomination, ModelVersion]:
        """Return what the registry names at the end, if that settles, and the version."""
        nomination = self._nominated()
        for _ in range(MOST_MOVES):
            if self._fetched_last and nomination == self._fetched_last[0]:
                return nomination, self._fetched_last[1]
            version = self._fetched(nomination)
            before, nomination = nomination, self._nominated()
            if nomination == before:
                self._fetched_last = nomination, version
                self._digests[nomination.version] = nomination.digest
                return nomination, version
        raise BrokenModel(nomination.version, "the registry names another faster than one can be fetched")

    def _admitted(self, nomination: Nomination, version: ModelVersion) -> ModelVersion:
        served = self._champion or self._kept()
        if served:
            nomination.refuse_changed_features(version, served)
        return version

    def _nominated(self) -> Nomination:
        try:
            nomination = self._registry.nominated()
        except (BadAnswer, BrokenModel) as error:
            self._heard_at = self._monotonic()
            self._has_named |= isinstance(error, BrokenModel)
            raise
        self._heard_at = self._monotonic()
        if nomination is None:
            raise NothingInProduction
        self._has_named = True
        return nomination

    def _fetched(self, nomination: Nomination) -> ModelVersion:
        self._quarantine.check(nomination, now=self._monotonic())
        try:
            self._refuse_other_digest(nomination)
            champion = self._registry.fetch(nomination)
            self._refuse_other_content(champion)
        except BrokenModel as error:
            raise self._quarantine.put(nomination, error, now=self._monotonic()) from error
        return champion

    def _refuse_other_digest(self, nomination: Nomination) -> None:
        if self._digests.get(nomination.version, nomination.digest) != nomination.digest:
            raise BrokenModel(
                nomination.version, "the registry has another digest of it than before: it was tampered with"
            )

    def _refuse_other_content(self, champion: ModelVersion) -> None:
        """Compare with what this host kept before it was started: a version's name is never given to another."""
        kept = self._kept()
        if kept and kept.name == champion.name and kept != champion:
            raise BrokenModel(
                champion.name,
                "it is not the model that this host has kept under that name: it was tampered with, or the registry "
                "was set up anew; in that case remove the copy",
            )

    def _kept(self) -> ModelVersion | None:
        with contextlib.suppress(BackendUnavailable, BrokenModel):
            if kept := self._copy.snapshot(now=self._clock()):
                return kept.version
        return None

    def _keep(self, problem: str | None) -> str:
        """Return why what was found out cannot be kept on the disk, '' if it is."""
        try:
            if self._champion:
                self._copy.keep(self._champion)
            self._copy.note(heard_at=self._clock(), problem=problem)
        except BackendUnavailable as error:
            return str(error)
        return ""

    def _tell_of_copy(self, problem: str) -> None:
        if problem:
            log.warning("copy_not_kept", extra={"why": problem})
        else:
            log.info("copy_kept")
