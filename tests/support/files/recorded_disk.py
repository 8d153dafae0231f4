"""Recorder of a program's calls on a directory, so that a test can cut the power after each of them.

The calls reach the real disk. A call that is missing from the record is noticed, because a test compares the files on
the disk with those that the record results in.
"""

import errno
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = 0
REAL = {
    name: getattr(os, name)
    for name in ("open", "write", "fsync", "close", "mkdir", "unlink", "link", "replace", "rename")
}


@dataclass(frozen=True)
class Made:
    inode: int
    is_directory: bool


@dataclass(frozen=True)
class Named:
    """Names of a directory change, in one step: each belongs to the inode from now on, or to none."""

    directory: int
    changes: Mapping[str, int | None]


@dataclass(frozen=True)
class Emptied:
    inode: int


@dataclass(frozen=True)
class Written:
    """`data` are appended."""

    inode: int
    data: bytes


@dataclass(frozen=True)
class Synced:
    """`fsync` of a file or of a directory's names."""

    inode: int
    path: Path
    is_directory: bool
    fails: bool = False


@dataclass(frozen=True)
class Begun:
    """The program begins `what`, which may be found done from now on."""

    what: str


@dataclass(frozen=True)
class Acknowledged:
    """The program acknowledges `what`, which must be found done from now on."""

    what: str


Operation = Made | Named | Emptied | Written | Synced | Begun | Acknowledged


@dataclass
class RecordedDisk:
    """Records the calls on `root`, an empty directory.

    A sync is skipped if `skips` returns True, and raises an error if `fails` does. After `room` calls that take room,
    the disk is full: a write takes half of the data, and each later call raises an error.
    """

    root: Path
    skips: Callable[[Synced], bool] = lambda _: False
    fails: Callable[[Synced], bool] = lambda _: False
    room: int = sys.maxsize
    operations: list[Operation] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._inodes: dict[Path, int] = {self.root: ROOT}
        self._descriptors: dict[int, Path] = {}

    @contextmanager
    def recording(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for name in REAL:
                patch.setattr(os, name, getattr(self, name))
            yield

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Acknowledge `what`, unless it ends in an error."""
        self.operations.append(Begun(what))
        yield
        self.operations.append(Acknowledged(what))

    def take_room(self) -> None:
        self.room -= 1
        if self.room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def open(self, path, flags, mode=0o777, **more):
        if flags & os.O_CREAT:
            self.take_room()
        descriptor = REAL["open"](path, flags, mode, **more)
        self._descriptors.pop(descriptor, None)  # a file object may have closed it, which is not recorded
        place = Path(path)
        if place.is_relative_to(self.root):
            self._descriptors[descriptor] = place
            if place not in self._inodes:
                self._make(place, is_directory=False)
            elif flags & os.O_TRUNC:
                self.operations.append(Emptied(self._inodes[place]))
        return descriptor

    def write(self, descriptor, data):
        self.take_room()
        count = REAL["write"](descriptor, data if self.room else data[: len(data) // 2])
        if place := self._descriptors.get(descriptor):
            self.operations.append(Written(self._inodes[place], bytes(data[:count])))
        return count

    def fsync(self, descriptor):
        place = self._descriptors.get(descriptor)
        if place is None:
            return REAL["fsync"](descriptor)
        self.take_room()
        synced = Synced(self._inodes[place], place, place.is_dir())
        if self.skips(synced):
            return None
        if self.fails(synced):
            self.operations.append(Synced(synced.inode, place, synced.is_directory, fails=True))
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        REAL["fsync"](descriptor)
        self.operations.append(synced)
        return None

    def close(self, descriptor):
        REAL["close"](descriptor)
        self._descriptors.pop(descriptor, None)

    def mkdir(self, path, mode=0o777, **more):
        self.take_room()
        REAL["mkdir"](path, mode, **more)
        if Path(path).is_relative_to(self.root):
            self._make(Path(path), is_directory=True)

    def unlink(self, path, **more):
        REAL["unlink"](path, **more)
        self._name(Path(path), None)

    def link(self, source, target, **more):
        self.take_room()
        REAL["link"](source, target, **more)
        self._name(Path(target), self._inodes[Path(source)])

    def replace(self, source, target, **more):
        self.take_room()
        REAL["replace"](source, target, **more)
        self._name(Path(target), self._inodes[Path(source)], gone=Path(source))

    rename = replace

    def _make(self, place: Path, *, is_directory: bool) -> None:
        inode = sum(isinstance(operation, Made) for operation in self.operations) + 1
        self.operations.append(Made(inode, is_directory))
        self._name(place, inode)

    def _name(self, place: Path, inode: int | None, gone: Path | None = None) -> None:
        changes = {place: inode} | ({gone: None} if gone else {})
        directory = self._inodes[place.parent]
        self.operations.append(Named(directory, {path.name: inode for path, inode in changes.items()}))
        for path, owner in changes.items():
            self._inodes.pop(path, None)
            if owner is not None:
                self._inodes[path] = owner
