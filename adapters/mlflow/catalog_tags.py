"""Catalog tags: what the tags of a registered model and of its versions describe, each of which may be anything."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from adapters.mlflow.champion_history import from_text, reconcile
from adapters.mlflow.names import DIGEST_TAG, HISTORY_TAG, LEDGER_TAG, LINEAGE_TAG, REJECTED_TAG
from domain.data.plain_values import require_mapping, require_moment, require_number, require_text
from domain.data.short_text import short_plain_text
from domain.delivery.ledger import readable
from domain.delivery.ledger_history import missing_changes
from domain.delivery.order_answers import last_answers
from domain.model.scores import METRICS
from domain.monitoring.catalog import Catalog, ListedVersion
from domain.monitoring.change import ledger_changes, newest
from domain.promotion.history import PromotionHistory

MAX_TEXT_CHARACTERS = 400
DIGEST = re.compile(r"\A[0-9a-f]{64}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class TaggedVersion:
    """A version as the registry describes it: its name, when it was registered, and its tags."""

    name: str
    registered_at: datetime
    tags: Mapping[str, str]


def catalog_of(
    at: datetime, versions: Iterable[TaggedVersion], older: int, champion: str, tags: Mapping[str, str]
) -> Catalog:
    """Return the catalog of the versions, newest first.

    Parameters
    ----------
    at : datetime
    versions : iterable of TaggedVersion
        Newest first.
    older : int
        Versions that are not among them.
    champion : str
        What the alias names, empty without one.
    tags : mapping of str to str
        Of the registered model.
    """
    tagged = list(versions)
    history = _history(champion, tagged, tags)
    entries = readable([line for each in tagged for key, line in each.tags.items() if key.startswith(LEDGER_TAG)])
    # Entries that are with older versions are not at hand, so that a change without an entry may have one.
    missing = () if older else missing_changes(entries, history)
    return Catalog(
        at=at,
        versions=tuple(map(_listed, tagged)),
        older=older,
        champion=champion,
        previous=history.previous or "",
        changes=newest(*ledger_changes((*entries, *missing))),
        answers=last_answers(entries),
    )


def _history(champion: str, versions: Iterable[TaggedVersion], tags: Mapping[str, str]) -> PromotionHistory:
    if not champion:
        return PromotionHistory()
    registered = [each.registered_at for each in versions if each.name == champion]
    return reconcile(from_text(tags.get(HISTORY_TAG)), champion, (registered or [datetime.fromtimestamp(0, UTC)])[0])


def _listed(version: TaggedVersion) -> ListedVersion:
    digest = version.tags.get(DIGEST_TAG, "")
    listed = ListedVersion(
        name=version.name,
        trained_at=version.registered_at,
        rejected=short_plain_text(version.tags.get(REJECTED_TAG, ""), MAX_TEXT_CHARACTERS),
        digest=digest if DIGEST.match(digest) else "",
    )
    try:
        return replace(listed, **_lineage(version.tags.get(LINEAGE_TAG)))
    except (ValueError, LookupError, RecursionError):
        return listed


def _lineage(text: str | None) -> dict[str, Any]:
    """Return the members of a listed version, or raise `ValueError` or `LookupError`."""
    lineage = require_mapping(json.loads(text or ""))
    scores = require_mapping(lineage["scores"])
    return {
        "trained_at": require_moment(lineage["created_at"]),
        "scores": {name: require_number(scores[name]) for name in METRICS if name in scores},
        **{name: require_text(lineage[name]) for name in ("run_id", "code_revision", "data_fingerprint")},
    }
