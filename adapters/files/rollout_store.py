"""Rollouts in a directory: the state and the last request are files beside the history of promotions."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from adapters.files.model_store import NAME
from adapters.host.atomic_write import exclusive, make_directory, sync_directory, write_atomically
from adapters.host.bounded_read import read_bounded
from adapters.host.disk_problem import disk_problems_as
from adapters.host.rollout_texts import RolloutTexts
from domain.delivery.errors import NoRollout, RolloutConflict
from domain.delivery.rollout import MAX_TEXT_CHARACTERS, Rollout, RolloutRecord, RolloutRequest
from domain.delivery.rollout_text import MAX_CHARACTERS, request_to_text, to_text
from domain.errors import StoreUnavailable
from domain.model.errors import ModelNotFound
from domain.ports import ModelStore, RolloutStore

STATE, REQUEST, REJECTED = ".json", ".request.json", ".rejected"


class FileRolloutStore(RolloutStore):
    """Keeps one file for each text in `root`/rollouts; writers exclude each other by the directory's lock.

    Parameters
    ----------
    root : Path
        The directory of `models`.
    models : ModelStore
        Names the versions, and the champion.
    """

    def __init__(self, root: Path, models: ModelStore) -> None:
        self._root, self._folder, self._models = root, root / "rollouts", models
        self._texts = RolloutTexts()

    def read(self) -> RolloutRecord | None:
        """Return what the files of the champion hold."""
        champion = self._models.history().champion
        with self._reported():
            return self._record(champion) if champion else None

    def write(self, rollout: Rollout, *, replacing: int) -> None:
        """Compare and set, under the directory's lock."""
        version = rollout.version_with_state
        if version not in (known := self._models.versions()):
            raise ModelNotFound(version, known)
        with self._writing():
            before = self._record(version)
            found = before.rollout.generation if before else 0
            if found != replacing:
                raise RolloutConflict(replacing, found)
            self._write(version, STATE, to_text(rollout))

    def remove(self, rollout: Rollout) -> None:
        """Remove the state first, because a request without a state has no effect."""
        version = rollout.version_with_state
        with self._writing():
            found = self._record(version)
            if found and found.rollout.id == rollout.id:
                self._remove(version, STATE)
                self._remove(version, REQUEST)

    def request(self, request: RolloutRequest) -> None:
        """Replace the file of the champion, if the rollout's state is there."""
        with self._writing():
            found = self.read()
            if found is None or found.rollout.id != request.rollout:
                raise NoRollout
            self._write(found.rollout.version_with_state, REQUEST, request_to_text(request))

    def reject(self, version: str, why: str) -> None:
        """Write or remove the file; a version that does not exist keeps nothing."""
        if version in self._models.versions():
            with self._writing():
                self._write(version, REJECTED, why) if why else self._remove(version, REJECTED)

    def rejection(self, version: str) -> str:
        """Return what the file holds."""
        with self._reported():
            return (self._read(version, REJECTED) or "")[:MAX_TEXT_CHARACTERS]

    def _record(self, version: str) -> RolloutRecord | None:
        return self._texts.record(version, self._read(version, STATE), self._read(version, REQUEST))

    def _read(self, version: str, suffix: str) -> str | None:
        """Return the file's text, None if there is no file; what is no text of this project is not one of JSON."""
        if not NAME.match(version):
            return None
        try:
            return read_bounded(self._folder / f"{version}{suffix}", MAX_CHARACTERS).decode(errors="replace")
        except FileNotFoundError:
            return None
        except ValueError:  # no regular file, or a huge one
            return ""

    def _write(self, version: str, suffix: str, text: str) -> None:
        make_directory(self._folder)
        write_atomically(self._folder / f"{version}{suffix}", text.encode())

    def _remove(self, version: str, suffix: str) -> None:
        path = self._folder / f"{version}{suffix}"
        if path.exists():
            path.unlink()
            sync_directory(self._folder)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._reported(), exclusive(self._root):
            yield

    def _reported(self) -> AbstractContextManager[None]:
        return disk_problems_as(StoreUnavailable, f"the rollouts of {self._root}")
