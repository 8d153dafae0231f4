"""Describe model: effects of the columns of a version, and where the predictions of another differ most."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock

from application.serving.current_model import CurrentModel
from domain.delivery.difference import ModelDifference, largest_difference
from domain.errors import StoreUnavailable
from domain.model.column_effects import ColumnEffect, column_effects, largest_change, pair_spreads
from domain.model.errors import CorruptModel, ModelNotFound, VersionNotAtHand
from domain.model.feature_change import feature_change
from domain.model.model_version import ModelVersion
from domain.monitoring.catalog import MAX_KEPT
from domain.ports import VersionCatalog, VersionReader

# The search for the largest difference takes half a second of a processor for as many columns.
MAX_COMPARED_COLUMNS = 100
# Descriptions that a worker keeps.
MAX_DESCRIPTIONS = 8

Key = tuple[object, object]
Reader = tuple[object, Callable[[], ModelVersion]]
"""Identity of a version, and what returns it."""


@dataclass(frozen=True, slots=True)
class ModelDescription:
    """Description of a version, and of another one instead of it.

    Parameters
    ----------
    version : ModelVersion
    other : ModelVersion or None
    effects, other_effects : tuple of ColumnEffect
        The largest first; () without another version.
    pairs, other_pairs : tuple of (str, float)
        Pairs of columns with products, and the standard deviation of what they add to the sum of the terms.
    changes : tuple of (str, float)
        Columns of both versions, and how far their effects are apart at most, the largest first; () if the versions
        predict on different scales.
    feature_change : str
        How the features of the other version differ; empty if they are the same.
    difference : ModelDifference or None
        None without another version, with other features, or in too many columns.
    """

    version: ModelVersion
    other: ModelVersion | None
    effects: tuple[ColumnEffect, ...]
    other_effects: tuple[ColumnEffect, ...] = ()
    pairs: tuple[tuple[str, float], ...] = ()
    changes: tuple[tuple[str, float], ...] = ()
    feature_change: str = ""
    difference: ModelDifference | None = None
    other_pairs: tuple[tuple[str, float], ...] = ()


class DescribeModel:
    """Describe versions; the last descriptions are kept, and one at a time is made.

    Parameters
    ----------
    current : CurrentModel
    catalog : VersionCatalog
    reader : VersionReader
        Of versions that are not served.
    """

    def __init__(self, current: CurrentModel, catalog: VersionCatalog, reader: VersionReader) -> None:
        self._current, self._catalog, self._reader = current, catalog, reader
        self._kept: dict[Key, ModelDescription] = {}
        self._lock = Lock()

    def __call__(self, version: str = "", against: str = "") -> ModelDescription:
        """Return what `version` is instead of `against`.

        By default, these are the challenger of a rollout and the champion; a version that is compared with itself is
        described alone.

        Raises
        ------
        NoModelLoaded
            If there is no champion.
        ModelNotFound
            If a version is not listed.
        VersionNotAtHand
            If a version is listed, but cannot be read.
        StoreUnavailable
            If the list of versions cannot be read.
        """
        models = self._current.models
        served = {models.champion.version.name: models.champion.version}
        if models.rollout:
            served.setdefault(models.rollout.challenger.version.name, models.rollout.challenger.version)
            version = version or models.rollout.challenger.version.name
        names = list(dict.fromkeys((against or models.champion.version.name, *([version] if version else []))))
        readers = [self._found(name, served) for name in names]
        key = readers[0][0], readers[-1][0]
        return self._kept.get(key) or self._made(key, readers)

    def role(self, version: ModelVersion) -> str:
        """Return champion or challenger, an empty text for a version that is not served."""
        models = self._current.models
        if version.name == models.champion.version.name:
            return "champion"
        return "challenger" if models.rollout and version.name == models.rollout.challenger.version.name else ""

    def _found(self, name: str, served: dict[str, ModelVersion]) -> Reader:
        # A served version is known by its object, because its digest takes longer than the description of a small one.
        if name in served:
            return id(served[name]), lambda: served[name]
        catalog = self._catalog.read()
        if catalog is None:
            raise VersionNotAtHand(name, "this host has not read the list of versions yet")
        listed = {version.name: version for version in catalog.versions}
        if name not in listed:
            raise ModelNotFound(name, [*listed])
        if listed[name].problem:
            raise VersionNotAtHand(name, listed[name].problem)
        return (name, listed[name].digest), lambda: self._read(name, listed[name].digest)

    def _read(self, name: str, digest: str) -> ModelVersion:
        try:
            version = self._reader.load(name)
        except ModelNotFound as error:
            kept = f"this host keeps the {MAX_KEPT} newest versions, and fetches one after the other when it starts"
            raise VersionNotAtHand(name, kept) from error
        except (CorruptModel, StoreUnavailable) as error:
            raise VersionNotAtHand(name, "its file on this host cannot be read") from error
        if version.model.digest != digest:
            raise VersionNotAtHand(name, "its file on this host is of another model, and is replaced soon")
        return version

    def _made(self, key: Key, readers: list[Reader]) -> ModelDescription:
        with self._lock:
            made = self._kept.get(key) or _described(*(read() for _, read in readers))
            self._kept = {**dict([*self._kept.items()][1 - MAX_DESCRIPTIONS :]), key: made}
            return made


def _described(first: ModelVersion, second: ModelVersion | None = None) -> ModelDescription:
    effects, pairs = column_effects(first.model, first.moments), pair_spreads(first.model, first.moments)
    if second is None:
        return ModelDescription(first, None, effects, pairs=pairs)
    encodings = first.model.encoding, second.model.encoding
    change = feature_change(*(encoding.kinds for encoding in encodings))
    is_comparable = not change and len(encodings[0].columns) <= MAX_COMPARED_COLUMNS
    difference = largest_difference(first, second) if is_comparable else None
    others = column_effects(second.model, second.moments)
    same_scale = first.model.target_transform.log == second.model.target_transform.log
    changes = _changes(effects, others) if same_scale else ()
    other_pairs = pair_spreads(second.model, second.moments)
    return ModelDescription(first, second, effects, others, pairs, changes, change, difference, other_pairs)


def _changes(effects: Iterable[ColumnEffect], others: Iterable[ColumnEffect]) -> tuple[tuple[str, float], ...]:
    same = {(effect.name, effect.kind): effect for effect in others}
    pairs = ((effect, same[effect.name, effect.kind]) for effect in effects if (effect.name, effect.kind) in same)
    found = ((before.name, largest_change(before, after)) for before, after in pairs)
    return tuple(sorted(((name, change) for name, change in found if change is not None), key=lambda pair: -pair[1]))
