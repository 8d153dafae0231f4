"""Checks of the champion: in the registry, and in the local copy that serves while the registry is unreachable."""

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
    """Yield findings on the registry, and on the local copy if servers of this store keep one."""
    if settings.store != "mlflow":
        yield _registry(container.store().champion, f"the {settings.store} store", CHECK_FOLDER)
        return
    database = sqlite_path(settings.tracking_uri)
    over_http = settings.tracking_uri.startswith(("http://", "https://"))
    if database and not database.exists():  # MLflow's client would create it
        yield Finding(REGISTRY, WARNING, f"{database} does not exist yet", "`endeavour train` creates it")
    elif not over_http and not find_spec("mlflow"):
        yield Finding(REGISTRY, ERROR, "a database can only be read with the package mlflow", INSTALL_TRAINING)
    else:
        yield from _mlflow(container, settings, over_http=over_http)
    yield _copy(container.last_known_good(), bundled=settings.may_answer_bundled)


def _mlflow(container: Container, settings: Settings, *, over_http: bool) -> Iterator[Finding]:
    """Yield what the registry sync would find, and what MLflow's client finds if it is installed, for trainings."""
    place = container.redaction().text(settings.tracking_uri)
    found = [_registry(container.sync_champion().fetch_champion, place)]
    if over_http and find_spec("mlflow"):
        own = _registry(container.mlflow_store().champion, place)
        found += [replace(own, message=f"MLflow's own client: {own.message}")] if own.severity is ERROR else []
    if find_spec("mlflow") and all(finding.severity is not ERROR for finding in found):
        try:
            container.mlflow_tracker().validate()
        except BackendUnavailable as error:
            found.append(_unavailable(TRAINING, error))
    yield from found


def _registry(champion: Callable[[], ModelVersion | None], place: str, remedy: str = CHECK_MLFLOW) -> Finding:
    """Return whether the registry at `place` answers, and names a champion that `champion` can load.

    `remedy` is for an error that names none.
    """
    try:
        found = champion()
    except NoChampion:
        found = None
    except BackendUnavailable as error:
        return _unavailable(REGISTRY, error, remedy)
    except CorruptModel as error:
        return Finding(REGISTRY, ERROR, str(error), "promote another version: `endeavour promote VERSION`")
    except FeatureChangeNotApproved as error:
        message = (
            f"{place} answers, but the champion, version {error.version}, takes other features than version "
            f"{error.champion}, which servers here continue to serve ({error.change})"
        )
        promote = f"`endeavour promote {error.version} --allow-feature-change`"
        return Finding(REGISTRY, ERROR, message, f"inform the clients, then {promote}; or `endeavour rollback`")
    if found is None:
        return Finding(REGISTRY, WARNING, f"{place} answers; there is no champion", "`endeavour train` makes one")
    return Finding(REGISTRY, OK, f"{place} answers; version {found.name} is the champion")


def _unavailable(subject: str, error: BackendUnavailable, remedy: str = CHECK_MLFLOW) -> Finding:
    return Finding(subject, ERROR, f"{error.place} cannot be used: {error.why}", error.remedy or remedy)


def _copy(local_copy: LastKnownGood, *, bundled: bool) -> Finding:
    """Return whether this host can serve while the registry is unreachable."""
    try:
        version = local_copy.champion()
    except EndeavourError as error:
        remedy = "start MLflow: the registry sync writes the copy again; until then a new server is not ready"
        return Finding(COPY, ERROR, str(error), remedy)
    if version is None:
        server = "serves the bundled model" if bundled else "is not ready"
        return Finding(COPY, WARNING, "no champion was copied to this host yet", f"without MLflow, a server {server}")
    return Finding(COPY, OK, f"without MLflow, a server serves version {version.name}")
