"""Object listing: the objects of a table in an object store, by the rules of files on a disk."""

import glob
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import PurePath, PurePosixPath

from pyarrow import fs

from adapters.pyarrow.table_names import is_visible, names_table, not_a_table
from adapters.pyarrow.table_path import TablePath
from domain.data.errors import UnreadableData

Found = dict[TablePath, bool]
"""Paths, and whether each is an object; the others are directories, which are the common prefixes of objects."""


def objects_at(place: TablePath) -> list[TablePath]:
    """Return the objects at a place in any order.

    Raises
    ------
    UnreadableData
        If nothing is there.
    OSError
        If the store does not answer.
    """
    kind = place.info().type
    if kind == fs.FileType.File:
        return [place]
    return _tables_below(place) if kind == fs.FileType.Directory else _matching(place)


def _matching(place: TablePath) -> list[TablePath]:
    bucket, *parts = place.pure.parts
    if glob.has_magic(bucket):
        raise UnreadableData(str(place), "the name of a bucket is no pattern; name one bucket")
    fixed = next((index for index, part in enumerate(parts) if glob.has_magic(part)), None)
    if fixed is None:
        exists = place.bucket.info().type == fs.FileType.Directory
        raise UnreadableData(str(place), "no such file" if exists else f"no such bucket, {bucket}")
    matches = _matches(place.bucket.joined("/".join(parts[:fixed])), parts[fixed:])
    objects = [path for path, is_object in matches.items() if is_object]
    for path in objects:
        if not names_table(path.pure):
            raise UnreadableData(str(place), not_a_table(path))
    directories = (path for path, is_object in matches.items() if not is_object and names_table(path.pure))
    objects += [path for directory in directories for path in _tables_below(directory)]
    if not objects:
        raise UnreadableData(str(place), "no file matches the pattern")
    return objects


def _matches(directory: TablePath, pattern: Sequence[str]) -> Found:
    """Return what matches a pattern below a directory; only directories that match its beginning are listed."""
    first, *rest = pattern
    if first == "**":
        found = _listed(directory, recursive=True)
        return {path: kind for path, kind in found.items() if _fits(_below(directory, path).parts, pattern)}
    level = _listed(directory, recursive=False).items()
    named = {path: kind for path, kind in level if fnmatchcase(path.pure.name, first)}
    if not rest:
        return named
    directories = (path for path, is_object in named.items() if not is_object)
    return {path: kind for one in directories for path, kind in _matches(one, rest).items()}


def _fits(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Return whether names fit a pattern, in which `**` stands for any number of directories.

    The names are read once, with all places of the pattern that they may have reached, so that the work is at most
    their number times the length of the pattern.
    """
    end = len(pattern)
    places = _without_directories({0}, pattern)
    for part in parts:
        stay = {place for place in places if place < end and pattern[place] == "**"}
        step = {place + 1 for place in places - stay if place < end and fnmatchcase(part, pattern[place])}
        places = _without_directories(stay | step, pattern)
    return end in places


def _without_directories(places: set[int], pattern: Sequence[str]) -> set[int]:
    """Return the places, and those that are reached where `**` stands for no further directory."""
    reached = set(places)
    for place, part in enumerate(pattern):
        if part == "**" and place in reached:
            reached.add(place + 1)
    return reached


def _tables_below(directory: TablePath) -> list[TablePath]:
    listed = _listed(directory, recursive=True).items()
    return [path for path, is_object in listed if is_object and names_table(path.pure)]


def _listed(directory: TablePath, *, recursive: bool) -> Found:
    """Return the visible objects and directories in a directory, or in it and below it."""
    selector = fs.FileSelector(str(directory.pure), allow_not_found=True, recursive=recursive)
    found: Found = {}
    for info in directory.file_system.get_file_info(selector):
        name = PurePosixPath(info.path).relative_to(directory.pure)
        if is_visible(name, PurePosixPath()):
            found |= {directory.joined(str(parent)): False for parent in name.parents if parent.name}
            found[directory.joined(str(name))] = info.type == fs.FileType.File
    return found


def _below(directory: TablePath, path: TablePath) -> PurePath:
    return path.pure.relative_to(directory.pure)
