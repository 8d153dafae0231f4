"""A model store in a directory: one set of files a version, and a history of promotions beside them."""

import contextlib
import json
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from adapters.host.atomic_write import create_atomically, exclusive, write_atomically
from adapters.host.bounded_read import read_bounded
from adapters.host.disk_problem import disk_problem, disk_problems_as
from domain.data.plain_values import require_moment
from domain.errors import StoreUnavailable
from domain.model.errors import CorruptModel, ModelNotFound
from domain.model.model_version import ModelVersion
from domain.model.serialization import Record, from_record, to_record
from domain.ports import ModelStore
from domain.promotion.history import ChampionChange, PromotionHistory
from domain.schema_version import UnsupportedSchema, require_schema

NAME = re.compile(r"\A\d{8}T\d{6}\.\d{6}Z\Z")
HISTORY, HISTORY_SCHEMA = "history.json", 2
# Room for half a million promotions.
MAX_HISTORY_BYTES = 64 * 1024 * 1024


class WeightFormat(Protocol):
    """Format of a version's files, whose names are the version's and a suffix.

    Parameters
    ----------
    suffixes : tuple of str
        In the order of writing: a version exists when the file with the last suffix does.
    max_bytes : int
        Bytes per file, at most.
    """

    suffixes: tuple[str, ...]
    max_bytes: int

    def encode(self, record: Record) -> Mapping[str, bytes]:
        """Return the files' contents by suffix."""

    def decode(self, files: Mapping[str, bytes]) -> object:
        """Return the record, or raise `ValueError` if the files are not what `encode` writes."""


class FileModelStore(ModelStore):
    """Keeps versions under the UTC time of their making, to the microsecond.

    Parameters
    ----------
    root : Path
        The directory; made when first written to.
    weight_format : WeightFormat
        CSV or pickle.
    """

    def __init__(self, root: Path, weight_format: WeightFormat) -> None:
        self._root = root
        self._format = weight_format

    def save(self, unnamed: ModelVersion) -> ModelVersion:
        """Keep the model under its lineage's time, or the next free microsecond."""
        with self._reported(), exclusive(self._root):
            version = replace(unnamed, name=self._free_name(unnamed.lineage.created_at))
            files = self._format.encode(to_record(version))
            try:
                for suffix in self._format.suffixes:
                    create_atomically(self._file(version.name, suffix), files[suffix])
            except BaseException:
                for suffix in reversed(self._format.suffixes):
                    with contextlib.suppress(OSError):
                        self._file(version.name, suffix).unlink()
                raise
        return version

    def load(self, version: str) -> ModelVersion:
        """Return the version after checking its digest."""
        with self._reported():
            if not NAME.match(version) or not self._file(version, self._format.suffixes[-1]).exists():
                raise ModelNotFound(version, self.versions())
        try:
            files = {
                suffix: read_bounded(self._file(version, suffix), self._format.max_bytes)
                for suffix in self._format.suffixes
            }
            return from_record(self._format.decode(files), version)
        except (OSError, ValueError, RecursionError) as error:
            raise CorruptModel(version, disk_problem(error)) from error

    def versions(self) -> tuple[str, ...]:
        """Return the names, which sort by time."""
        suffix = self._format.suffixes[-1]
        with self._reported():
            try:
                files = [path.name for path in self._root.iterdir()]
            except FileNotFoundError:
                files = []
        names = (file.removesuffix(suffix) for file in files if file.endswith(suffix))
        return tuple(sorted(name for name in names if NAME.match(name)))

    def champion(self) -> ModelVersion | None:
        """Return the version in production."""
        name = self.history().champion
        try:
            return self.load(name) if name else None
        except ModelNotFound as error:
            raise CorruptModel(error.version, "it is in production, but its files are gone") from error

    def history(self) -> PromotionHistory:
        """Return the promotions as written in `history.json`."""
        with self._reported():
            try:
                return _decode(read_bounded(self._root / HISTORY, MAX_HISTORY_BYTES))
            except FileNotFoundError:
                return PromotionHistory()

    def promote(
        self, version: str, *, replacing: str | None, at: datetime, feature_change_approved: bool = False
    ) -> PromotionHistory:
        """Put `version` into production under the directory's lock."""
        if version not in self.versions():
            raise ModelNotFound(version, self.versions())
        return self._change(
            lambda history: history.promote(
                version, replacing=replacing, at=at, feature_change_approved=feature_change_approved
            )
        )

    def rollback(self, *, at: datetime, replacing: str | None = None) -> PromotionHistory:
        """Put the previous version into production again."""
        return self._change(lambda history: history.roll_back(at=at, replacing=replacing))

    def _change(self, change: Callable[[PromotionHistory], PromotionHistory]) -> PromotionHistory:
        with self._reported(), exclusive(self._root):
            history = change(self.history())
            write_atomically(self._root / HISTORY, _encode(history))
            return history

    def _free_name(self, created_at: datetime) -> str:
        moment = created_at.astimezone(UTC)
        taken = {path.name[:23] for path in self._root.iterdir()}
        while (name := f"{moment:%Y%m%dT%H%M%S.%fZ}") in taken:
            moment += timedelta(microseconds=1)
        return name

    def _file(self, version: str, suffix: str) -> Path:
        return self._root / f"{version}{suffix}"

    def _reported(self) -> AbstractContextManager[None]:
        return disk_problems_as(StoreUnavailable, f"the model store {self._root}")


def _encode(history: PromotionHistory) -> bytes:
    changes = [asdict(change) | {"at": change.at.isoformat()} for change in history.changes]
    approval = {"feature_change_approved": True} if history.feature_change_approved else {}
    return json.dumps({"schema": HISTORY_SCHEMA, "changes": changes, **approval}, indent=1).encode()


def _decode(data: bytes) -> PromotionHistory:
    try:
        written = json.loads(data)
        require_schema(written["schema"], (HISTORY_SCHEMA,), f"take {HISTORY} from a backup")
        changes = [ChampionChange(**(change | {"at": require_moment(change["at"])})) for change in written["changes"]]
        return PromotionHistory(tuple(changes), written.get("feature_change_approved") is True)
    except UnsupportedSchema:
        raise
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"{HISTORY} is damaged") from error
