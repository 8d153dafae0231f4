"""Whether there is a model to serve: in the registry, and in the copy that this host would answer with alone."""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator

from domain.errors import BackendUnavailable, BrokenModel, EndeavourError, FeaturesChanged
from domain.model_version import ModelVersion
from domain.ports import ChampionSource
from domain.snapshot import Snapshot, Source
from entrypoints.diagnosis.finding import Finding, State, broken, good, worth_knowing

REGISTRY, TRAINING, COPY = "registry", "training", "copy"
CHECK_MLFLOW = (
    "see that MLflow runs, that MLFLOW_TRACKING_URI is its address, and that a proxy or gateway before it works"
)
CHECK_FOLDER = "let this user read the folder, or restore the folder from a backup"


def registry(ask: Callable[[], ModelVersion | None], place: str, remedy: str = CHECK_MLFLOW) -> Iterator[Finding]:
    """Say whether the registry answers, and names a champion whose weights can be had and trusted.

    Parameters
    ----------
    ask : callable
        What a server's mirror asks, and what `champion` of a store returns.
    place : str
        Where it was asked, without secrets.
    remedy : str
        What to do if the error names no remedy.
    """
    try:
        champion = ask()
    except BackendUnavailable as error:
        yield _unavailable(REGISTRY, error, remedy)
    except BrokenModel as error:
        yield broken(REGISTRY, str(error), "put another version into production: `endeavour promote VERSION`")
    except FeaturesChanged as error:
        yield broken(
            REGISTRY,
            f"{place} answers, but version {error.version} in production takes other features than version "
            f"{error.before}, which servers here go on with ({error.how})",
            f"tell clients, then `endeavour promote {error.version} --features-may-change`; or `endeavour rollback`",
        )
    else:
        if champion is None:
            yield worth_knowing(
                REGISTRY, f"{place} answers; nothing is in production", "`endeavour train` makes a model"
            )
        else:
            yield good(REGISTRY, f"{place} answers; version {champion.name} is in production")


def training(check: Callable[[], None]) -> Iterator[Finding]:
    """Yield what makes every training fail although the registry can be read; `check` raises it."""
    try:
        check()
    except BackendUnavailable as error:
        yield _unavailable(TRAINING, error, CHECK_MLFLOW)


def through_mlflow(ask: Callable[[], ModelVersion | None], place: str) -> Iterator[Finding]:
    """Yield what is broken for MLflow's client: training uses it, servers read the registry with a client of their own.

    Parameters
    ----------
    ask : callable
        `champion` of MLflow's store.
    place : str
        Where it was asked, without secrets.
    """
    for finding in registry(ask, place):
        if finding.state is State.BROKEN:
            yield dataclasses.replace(finding, said=f"MLflow's own client: {finding.said}")


def _unavailable(subject: str, error: BackendUnavailable, remedy: str) -> Finding:
    if error.remedy:
        return broken(subject, f"{error.place} cannot be used: {error.why}", error.remedy)
    return broken(subject, str(error), remedy)


def as_mirrored(source: ChampionSource, copy: Callable[[], Snapshot | None]) -> Callable[[], ModelVersion | None]:
    """Return what asks for the champion as a mirror does, and refuses it as a mirror would."""

    def ask() -> ModelVersion | None:
        nomination = source.nominated()
        if nomination is None:
            return None
        champion = source.fetch(nomination)
        with contextlib.suppress(BackendUnavailable, BrokenModel):
            if kept := copy():
                nomination.refuse_changed_features(champion, kept.version)
        return champion

    return ask


def copy(read: Callable[[], Snapshot | None], *, bundled: bool) -> Iterator[Finding]:
    """Yield whether this host can answer without the registry; `bundled` is whether the bundled model may answer."""
    try:
        snapshot = read()
    except EndeavourError as error:
        yield broken(
            COPY,
            str(error),
            "a server that starts here is not ready before the registry answers; the copy is then written anew",
        )
        return
    if snapshot is None:
        alone = "the bundled model answers" if bundled else "a server that starts here waits for it, not ready"
        yield worth_knowing(COPY, "no champion has been seen here", f"without the registry {alone}")
    elif snapshot.source is Source.REGISTRY:
        yield good(COPY, f"version {snapshot.version.name}, confirmed by the registry moments ago")
    else:
        yield worth_knowing(
            COPY,
            f"version {snapshot.version.name}; the registry has not confirmed it lately",
            "it is confirmed while a server runs here and reaches the registry",
        )
