"""Records: changes and catalogs as plain values, for JSON and for the processes of a host."""

from collections.abc import Mapping
from typing import Any

from domain.data.plain_values import (
    require_count,
    require_fields,
    require_list,
    require_mapping,
    require_moment,
    require_number,
    require_text,
)
from domain.monitoring.catalog import Catalog, ListedVersion
from domain.monitoring.change import Change, What

_CHANGE_TEXTS = ("version", "replaced", "challenger", "host", "by", "why")
_VERSION_TEXTS = ("name", "run_id", "code_revision", "data_fingerprint", "digest", "rejected", "problem")


def change_values(change: Change) -> dict[str, Any]:
    """Return the change as plain values."""
    texts = {name: getattr(change, name) for name in _CHANGE_TEXTS}
    return {"at": change.at.isoformat(), "what": str(change.what), "share": change.share, **texts}


def change_from(values: object) -> Change:
    """Return the change; raise `ValueError` if the values differ from what `change_values` returns."""
    read = require_fields(values, "at", "what", "share", *_CHANGE_TEXTS)
    return Change(
        at=require_moment(read["at"]),
        what=What(require_text(read["what"])),
        share=require_number(read["share"]),
        **{name: require_text(read[name]) for name in _CHANGE_TEXTS},
    )


def catalog_values(catalog: Catalog) -> dict[str, Any]:
    """Return the catalog as plain values."""
    return {
        "at": catalog.at.isoformat(),
        "versions": list(map(version_values, catalog.versions)),
        "older": catalog.older,
        "champion": catalog.champion,
        "previous": catalog.previous,
        "changes": list(map(change_values, catalog.changes)),
        "answers": dict(catalog.answers),
    }


def catalog_from(values: object) -> Catalog:
    """Return the catalog; raise `ValueError` if the values differ from what `catalog_values` returns."""
    read = require_fields(values, "at", "versions", "older", "champion", "previous", "changes", "answers")
    return Catalog(
        at=require_moment(read["at"]),
        versions=tuple(map(_version_from, require_list(read["versions"]))),
        older=require_count(read["older"]),
        champion=require_text(read["champion"]),
        previous=require_text(read["previous"]),
        changes=tuple(map(change_from, require_list(read["changes"]))),
        answers={require_text(order): require_text(why) for order, why in require_mapping(read["answers"]).items()},
    )


def version_values(version: ListedVersion) -> dict[str, Any]:
    """Return the version as plain values."""
    trained = version.trained_at.isoformat() if version.trained_at else None
    texts = {name: getattr(version, name) for name in _VERSION_TEXTS}
    return {"trained_at": trained, "scores": dict(version.scores), **texts}


def _version_from(values: object) -> ListedVersion:
    read = require_fields(values, "trained_at", "scores", *_VERSION_TEXTS)
    scores: Mapping[str, Any] = require_mapping(read["scores"])
    return ListedVersion(
        trained_at=None if read["trained_at"] is None else require_moment(read["trained_at"]),
        scores={require_text(name): require_number(score) for name, score in scores.items()},
        **{name: require_text(read[name]) for name in _VERSION_TEXTS},
    )
