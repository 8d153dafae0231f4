"""Whether there is a model to serve: in the registry, and in the copy that this host would answer with alone."""

from collections.abc import Callable, Iterator

from domain.errors import BackendUnavailable, BrokenModel, EndeavourError
from domain.model_version import ModelVersion
from domain.snapshot import Snapshot, Source
from entrypoints.diagnosis.finding import Finding, broken, good, worth_knowing

REGISTRY, COPY = "registry", "copy"


def registry(ask: Callable[[], ModelVersion | None], place: str) -> Iterator[Finding]:
    """Say whether the registry answers, and names a champion whose weights can be had and trusted.

    Parameters
    ----------
    ask : callable
        What a server's mirror asks, and what `champion` of a store returns.
    place : str
        Where it was asked, without secrets.
    """
    try:
        champion = ask()
    except BackendUnavailable as error:
        yield broken(REGISTRY, str(error), "see that it runs, and that MLFLOW_TRACKING_URI is its address")
    except BrokenModel as error:
        yield broken(REGISTRY, str(error), "put another version into production: `endeavour promote VERSION`")
    else:
        if champion is None:
            yield worth_knowing(
                REGISTRY, f"{place} answers; nothing is in production", "`endeavour train` makes a model"
            )
        else:
            yield good(REGISTRY, f"{place} answers; version {champion.name} is in production")


def copy(read: Callable[[], Snapshot | None]) -> Iterator[Finding]:
    """Say whether this host could answer without the registry."""
    try:
        snapshot = read()
    except EndeavourError as error:
        yield broken(COPY, str(error), "it is written anew when a server next hears from the registry")
        return
    if snapshot is None:
        yield worth_knowing(COPY, "no champion has been seen here", "without the registry the bundled model answers")
    elif snapshot.source is Source.REGISTRY:
        yield good(COPY, f"version {snapshot.version.name}, confirmed by the registry moments ago")
    else:
        yield worth_knowing(
            COPY,
            f"version {snapshot.version.name}; the registry has not confirmed it lately",
            "it is confirmed while a server runs here and reaches the registry",
        )
