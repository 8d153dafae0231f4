"""States of a disk after a power cut: all that POSIX allows.

Synced data are there. Of the rest, a disk may have any part: each change of a directory's names by itself, and none,
half or all of a file's data (Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations, product
from pathlib import Path

from tests.support.files import recorded_disk
from tests.support.files.recorded_disk import ROOT, Operation

Tree = Mapping[str, int | None]
Files = dict[str, bytes]


@dataclass(frozen=True)
class AfterPowerCut:
    """Files by path, the steps that the program had acknowledged, and those that it had begun after them.

    The path of an empty directory ends in a slash.
    """

    files: Files
    acknowledged: tuple[str, ...]
    begun: tuple[str, ...]

    def rebuild(self, root: Path) -> None:
        """Write the files under `root`."""
        for name, data in self.files.items():
            path = root / name
            if name.endswith("/"):
                path.mkdir(parents=True, exist_ok=True)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)


def after_power_cuts(operations: list[Operation]) -> Iterator[AfterPowerCut]:
    """Yield each state once, for a power cut before each operation and after the last."""
    disk, seen = _Disk(), set()
    for operation in (None, *operations):
        if operation is not None:
            disk.carry_out(operation)
        for files in disk.possible_files():
            state = AfterPowerCut(files, tuple(disk.acknowledged), tuple(disk.begun))
            key = (frozenset(files.items()), state.acknowledged, state.begun)
            if key not in seen:
                seen.add(key)
                yield state


def without_power_cut(operations: list[Operation]) -> Files:
    """Return the files that the operations result in."""
    disk = _Disk()
    for operation in operations:
        disk.carry_out(operation)
    return disk.files_in_memory()


@dataclass
class _File:
    on_disk: bytes = b""
    in_memory: bytes = b""
    sync_failed: bool = False
    """No later sync writes what a failed one left out."""

    def sync(self, *, fails: bool) -> None:
        self.sync_failed |= fails
        if not self.sync_failed:
            self.on_disk = self.in_memory

    def possible(self) -> set[bytes]:
        start = len(self.on_disk) if self.in_memory.startswith(self.on_disk) else 0
        half = self.in_memory[: (start + len(self.in_memory)) // 2]
        emptied = {b""} if not start else set()
        return {self.on_disk, half, self.in_memory} | emptied if self.on_disk != self.in_memory else {self.in_memory}


@dataclass
class _Directory:
    on_disk: dict[str, int | None] = field(default_factory=dict)
    pending: list[Mapping[str, int | None]] = field(default_factory=list)

    def sync(self, *, fails: bool) -> None:
        if not fails:
            self.on_disk, self.pending = dict(_changed(self.on_disk, self.pending)), []

    def possible(self) -> Iterator[Tree]:
        for count in range(len(self.pending) + 1):
            for chosen in combinations(self.pending, count):
                yield _changed(self.on_disk, chosen)


class _Disk:
    def __init__(self) -> None:
        self.acknowledged: list[str] = []
        self.begun: list[str] = []
        self._files: dict[int, _File] = {}
        self._directories = {ROOT: _Directory()}

    def carry_out(self, operation: Operation) -> None:
        match operation:
            case recorded_disk.Made(inode, is_directory):
                if is_directory:
                    self._directories[inode] = _Directory()
                else:
                    self._files[inode] = _File()
            case recorded_disk.Named(directory, changes):
                self._directories[directory].pending.append(changes)
            case recorded_disk.Emptied(inode):
                self._files[inode].in_memory = b""
            case recorded_disk.Written(inode, data):
                self._files[inode].in_memory += data
            case recorded_disk.Synced(inode, is_directory=is_directory, fails=fails):
                (self._directories if is_directory else self._files)[inode].sync(fails=fails)
            case recorded_disk.Begun(what):
                self.begun.append(what)
            case recorded_disk.Acknowledged(what):
                self.acknowledged.append(what)
                self.begun.clear()

    def possible_files(self) -> Iterator[Files]:
        numbers = list(self._directories)
        trees = {
            tuple(frozenset(tree.items()) for tree in chosen)
            for chosen in product(*(list(self._directories[number].possible()) for number in numbers))
        }
        for chosen in trees:
            found = dict(_walk({number: dict(tree) for number, tree in zip(numbers, chosen, strict=True)}))
            contents = [self._files[inode].possible() if inode is not None else {b""} for inode in found.values()]
            for data in product(*contents):
                yield dict(zip(found, data, strict=True))

    def files_in_memory(self) -> Files:
        trees = {number: _changed(each.on_disk, each.pending) for number, each in self._directories.items()}
        return {path: self._files[inode].in_memory if inode is not None else b"" for path, inode in _walk(trees)}


def _changed(names: Tree, changes) -> Tree:
    changed = dict(names)
    for change in changes:
        changed |= change
    return {name: inode for name, inode in changed.items() if inode is not None}


def _walk(trees: Mapping[int, Tree], directory: int = ROOT, prefix: str = "") -> Iterator[tuple[str, int | None]]:
    """Yield the path and inode of each file in the tree, and the path of each empty directory."""
    for name, inode in trees[directory].items():
        if inode not in trees:
            yield prefix + name, inode
        elif trees[inode]:
            yield from _walk(trees, inode, f"{prefix}{name}/")
        else:
            yield f"{prefix}{name}/", None
