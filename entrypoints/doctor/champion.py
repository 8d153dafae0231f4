"""Examination of the champion: in the registry, and in the copy with which this host answers alone."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec

from adapters.mlflow.probe import sqlite_path
from domain.delivery.errors import NoChampion
from domain.errors import BackendUnavailable, EndeavourError
from domain.model.errors import CorruptModel
from domain.model.model_version import ModelVersion
from domain.ports import LastKnownGood
from domain.promotion.errors import FeatureChangeNotApproved
from entrypoints.container import Container
from entrypoints.doctor.finding import ERROR, OK, WARNING, Finding
from entrypoints.doctor.host import INSTALL_TRAINING
from entrypoints.settings import Settings

REGISTRY, TRAINING, COPY = "registry", "training", "copy"
CHECK_MLFLOW = (
    "see that MLflow runs, that MLFLOW_TRACKING_URI is its address, and that a proxy or gateway before it works"
)
CHECK_FOLDER = "let this user read the folder, or restore the folder from a backup"


def champion(container: Container, settings: Settings) -> Iterator[Finding]:
    """Yield what is found of the registry, and of the copy where servers keep one."""
    if settings.store != "mlflow":
        yield _registry(container.store().champion, f"the {settings.store} store", CHECK_FOLDER)
        return
    database = sqlite_path(settings.tracking_uri)
    over_http = settings.tracking_uri.startswith(("http://", "https://"))
    if database and not database.exists():  # MLflow's client would make it
        yield Finding(REGISTRY, WARNING, f"{database} is not there yet", "`endeavour train` makes it")
    elif not over_http and not find_spec("mlflow"):
        yield Finding(REGISTRY, ERROR, "a database is read with the package mlflow only", INSTALL_TRAINING)
    else:
        yield from _mlflow(container, settings, over_http=over_http)
    yield _copy(container.last_known_good(), bundled=settings.may_answer_bundled)


def _mlflow(container: Container, settings: Settings, *, over_http: bool) -> Iterator[Finding]:
    """Yield what a mirror finds; and where MLflow's client is installed, which training uses, what that finds."""
    place = container.redaction().text(settings.tracking_uri)
    found = [_registry(container.sync_champion().fetch_champion, place)]
    if over_http and find_spec("mlflow"):
        own = _registry(container.mlflow_store().champion, place)
        found += [replace(own, said=f"MLflow's own client: {own.said}")] if own.state is ERROR else []
    if find_spec("mlflow") and all(finding.state is not ERROR for finding in found):
        try:
            container.mlflow_tracker().validate()
        except BackendUnavailable as error:
            found.append(_unavailable(TRAINING, error))
    yield from found


def _registry(ask: Callable[[], ModelVersion | None], place: str, remedy: str = CHECK_MLFLOW) -> Finding:
    """Return whether the registry at `place` answers, and names a champion that `ask` can load.

    `remedy` is for an error that names none.
    """
    try:
        found = ask()
    except NoChampion:
        found = None
    except BackendUnavailable as error:
        return _unavailable(REGISTRY, error, remedy)
    except CorruptModel as error:
        return Finding(REGISTRY, ERROR, str(error), "put another version into production: `endeavour promote VERSION`")
    except FeatureChangeNotApproved as error:
        said = (
            f"{place} answers, but version {error.version} in production takes other features than version "
            f"{error.champion}, which servers here go on with ({error.change})"
        )
        promote = f"`endeavour promote {error.version} --allow-feature-change`"
        return Finding(REGISTRY, ERROR, said, f"tell clients, then {promote}; or `endeavour rollback`")
    if found is None:
        said = f"{place} answers; nothing is in production"
        return Finding(REGISTRY, WARNING, said, "`endeavour train` makes a model")
    return Finding(REGISTRY, OK, f"{place} answers; version {found.name} is in production")


def _unavailable(subject: str, error: BackendUnavailable, remedy: str = CHECK_MLFLOW) -> Finding:
    return Finding(subject, ERROR, f"{error.place} cannot be used: {error.why}", error.remedy or remedy)


def _copy(kept: LastKnownGood, *, bundled: bool) -> Finding:
    """Return whether this host can answer without the registry."""
    try:
        version = kept.champion()
    except EndeavourError as error:
        mend = "a server that starts here is not ready before the registry answers; the copy is then written anew"
        return Finding(COPY, ERROR, str(error), mend)
    if version is None:
        alone = "the bundled model answers" if bundled else "a server that starts here waits for it, not ready"
        return Finding(COPY, WARNING, "no champion has been seen here", f"without the registry {alone}")
    return Finding(COPY, OK, f"without the registry, version {version.name} answers")
