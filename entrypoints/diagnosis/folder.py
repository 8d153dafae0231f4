"""Whether this host can write down what it has to remember."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from entrypoints.diagnosis.finding import Finding, broken, good, worth_knowing
from entrypoints.settings import Settings

SUBJECT = "folder"
MIB = 1024 * 1024
# A champion is a few kilobytes, but a training writes its data, pictures and logs.
LITTLE = 256 * MIB


def folder(settings: Settings) -> Iterator[Finding]:
    """Say whether the folder of artifacts can be written to, by writing a file of a page and removing it."""
    place = _existing(settings.artifacts)
    try:
        with tempfile.NamedTemporaryFile(dir=place) as file:
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        why = os.strerror(error.errno or 0).lower()
        yield broken(
            SUBJECT, f"{place} cannot be written to: {why}", "free space, or set ENDEAVOUR_ARTIFACTS to another"
        )
        return
    free = shutil.disk_usage(place).free
    if free < LITTLE:
        yield worth_knowing(SUBJECT, f"{place} has {free // MIB} MiB left", "free some space before it is used up")
        return
    yield good(SUBJECT, f"{settings.artifacts} can be written to; {free // MIB:,} MiB are free")


def _existing(path: Path) -> Path:
    """Return the folder, or the nearest one above it that is there: it is made when first written to."""
    return next(parent for parent in (path, *path.parents) if parent.exists())
