"""Ledger in MLflow's registry: each line is a tag of the version that it is about."""

import logging
import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion as RegisteredVersion

from adapters.host.file_lock import lock
from adapters.mlflow.connection import MlflowConnection
from adapters.mlflow.failures import none_if_missing
from adapters.mlflow.names import LEDGER_HEAD_TAG, LEDGER_TAG
from adapters.mlflow.registered_model import RegisteredModel
from domain.delivery.ledger import LedgerDraft, LedgerEntry, LedgerHead, last_head, line_hash, readable, to_line
from domain.errors import StoreUnavailable
from domain.ports import LedgerStore

log = logging.getLogger(__name__)

MAX_WAIT_SECONDS = 60.0
ATTEMPTS = 5

_KEY = re.compile(rf"{re.escape(LEDGER_TAG)}([1-9][0-9]{{0,8}})", re.ASCII)


class MlflowLedger(LedgerStore):
    """Keeps the lines with the versions of one registered model.

    The champion's version has a copy of the head, so that serving hosts read it with the alias `champion`.

    Parameters
    ----------
    connection : MlflowConnection
    lock : Path
        A file that all writers of this host share. Writers on several hosts read back what they wrote: of two entries
        with one number, the one that the head names stays, or that with the smaller hash; the other is written again.
    model : str
        The registered model's name.
    """

    def __init__(self, connection: MlflowConnection, *, lock: Path, model: str = "endeavour") -> None:
        self._connection = connection
        self._client = partial(connection.client, StoreUnavailable)
        self._lock = lock
        self._model = RegisteredModel(model, connection.place)

    def append(self, draft: LedgerDraft) -> LedgerEntry:
        """Write the line, and then the head."""
        with self._client() as client, lock(self._lock, MAX_WAIT_SECONDS):
            for _ in range(ATTEMPTS):
                versions = self._versions(client)
                lines = [line for _, line in _numbered(versions)]
                entry = last_head(self._head(client), lines).next(draft)
                if self._write(client, entry, {str(found.version) for found in versions}):
                    return entry
        raise StoreUnavailable(self._connection.place, "other hosts write entries of the ledger at the same time")

    def entries(self) -> tuple[LedgerEntry, ...]:
        """Return the entries of the sound lines."""
        return readable(self.lines())

    def lines(self) -> tuple[str, ...]:
        """Return the lines by their numbers."""
        if self._connection.is_missing:
            return ()
        with self._client() as client:
            return tuple(line for _, line in _numbered(self._versions(client)))

    def head(self) -> LedgerHead:
        """Return what the tag of the registered model holds."""
        if self._connection.is_missing:
            return LedgerHead()
        with self._client() as client:
            return self._head(client)

    def _versions(self, client: MlflowClient) -> list[RegisteredVersion]:
        return list(self._model.registered(client))

    def _head(self, client: MlflowClient) -> LedgerHead:
        model = none_if_missing(lambda: client.get_registered_model(self._model.name))
        text = model.tags.get(LEDGER_HEAD_TAG) if model else None
        try:
            return LedgerHead() if text is None else LedgerHead.from_text(text)
        except ValueError:
            log.warning("ledger_head_damaged", extra={"place": self._connection.place})
            return LedgerHead()

    def _write(self, client: MlflowClient, entry: LedgerEntry, versions: set[str]) -> bool:
        """Write the entry and the head, and return True; return False if another host has written its number."""
        line, key, head = to_line(entry), f"{LEDGER_TAG}{entry.number}", LedgerHead.of(entry)
        place = self._place(entry, versions)
        client.set_model_version_tag(self._model.name, place, key, line)
        written = [other for number, other in _numbered(self._versions(client)) if number == entry.number]
        kept = self._head(client)
        first = kept.hash if kept.number >= entry.number else min(map(line_hash, written), default="")
        if head.hash != first or line not in written:
            if line in written:
                client.delete_model_version_tag(self._model.name, place, key)
            return False
        client.set_registered_model_tag(self._model.name, LEDGER_HEAD_TAG, head.to_text())
        if entry.version in versions:
            client.set_model_version_tag(self._model.name, entry.version, LEDGER_HEAD_TAG, head.to_text())
        return True

    def _place(self, entry: LedgerEntry, versions: set[str]) -> str:
        """Return the version that keeps the entry; another one if its own was deleted."""
        for version in (entry.challenger, entry.version, entry.replaced, *sorted(versions, key=int)[-1:]):
            if version in versions:
                return str(version)
        raise StoreUnavailable(self._connection.place, "there is no model version that could keep an entry")


def _numbered(versions: Sequence[RegisteredVersion]) -> Sequence[tuple[int, str]]:
    """Return numbers and lines of all entries, by number."""
    return sorted(_found(versions))


def _found(versions: Sequence[RegisteredVersion]) -> Iterator[tuple[int, str]]:
    for version in versions:
        for key, line in version.tags.items():
            if found := _KEY.fullmatch(key):
                yield int(found[1]), line
