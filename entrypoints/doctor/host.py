"""Examination of the host: its settings, packages, folders, keys and port."""

import dataclasses
import difflib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from importlib.util import find_spec
from pathlib import Path

from adapters.host.atomic_write import require_writable
from domain.access.errors import CorruptKeyFile
from domain.errors import BackendUnavailable
from domain.ports import KeyStore
from entrypoints.doctor.finding import ERROR, OK, WARNING, Finding
from entrypoints.network import CannotListen, is_loopback, listening_address, local_address, resolved
from entrypoints.settings import VARIABLES, Settings, unknown_settings

# Packages of the extra `train`, which servers need only if their registry is a database.
OF_TRAINING = ("matplotlib", "mlflow", "pyarrow")
INSTALL_TRAINING = "install the extra `train`, as in `endeavour[train]`"
SETTINGS, PACKAGES, FOLDER, KEYS, SERVER = "settings", "packages", "folder", "keys", "server"
MIB = 1024 * 1024
# A champion is a few kilobytes, but a training writes its data, pictures and logs.
MIN_FREE_BYTES = 256 * MIB
OTHERS = 0o077
OWN_ADDRESS = "an address of this machine, 127.0.0.1 or 0.0.0.0"


def misspelt(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the variables that look like settings and are none, so that a typing error has no effect."""
    for name in unknown_settings(environment):
        near = difflib.get_close_matches(name, VARIABLES, n=1, cutoff=0.85)
        hint = f"{near[0]} was meant, perhaps" if near else "docs/settings.md has them all"
        yield Finding(SETTINGS, WARNING, f"{name} is not a setting and has no effect", hint)


def configuration(settings: Settings) -> Finding:
    """Return where the settings keep models and runs."""
    count = len(dataclasses.fields(settings))
    return Finding(SETTINGS, OK, f"{count} read; models and runs are kept by {settings.store}")


def packages() -> Iterator[Finding]:
    """Yield which packages of the extra `train` are missing; servers of a registry over HTTP do without them."""
    if missing := ", ".join(package for package in OF_TRAINING if find_spec(package) is None):
        users = "`train` and the commands on models in MLflow"
        yield Finding(PACKAGES, WARNING, f"not installed: {missing}; {users} need them", INSTALL_TRAINING)


def folder(artifacts: Path, copy: Path) -> Finding:
    """Return whether the folders of artifacts and of the champion's copy can be written to, and the room left."""
    for place in dict.fromkeys(map(_existing, (artifacts, copy))):
        try:
            require_writable(place)
        except OSError as error:
            said = f"{place} cannot be written to: {os.strerror(error.errno or 0).lower()}"
            return Finding(FOLDER, ERROR, said, "free space, or set ENDEAVOUR_DATA_DIR to another")
    free = shutil.disk_usage(_existing(artifacts)).free
    if free < MIN_FREE_BYTES:
        return Finding(
            FOLDER, WARNING, f"{artifacts} has {free // MIB} MiB left", "free some space before it is used up"
        )
    return Finding(FOLDER, OK, f"{artifacts} can be written to; {free // MIB:,} MiB are free")


def _existing(path: Path) -> Path:
    """Return the folder, or the nearest one above it that exists: it is made when first written to."""
    return next(parent for parent in (path, *path.parents) if parent.exists())


def keys(settings: Settings, store: KeyStore) -> Iterator[Finding]:
    """Yield whether a server would start with these keys, and which clients it would answer."""
    try:
        ring = store.ring()
    except (BackendUnavailable, CorruptKeyFile) as error:
        mend = "servers that run keep the last good keys; mend the file, put it back, or let this user read it"
        yield Finding(KEYS, ERROR, str(error), mend)
        return
    if ring is None:
        yield from _without_keys(settings)
        return
    if ring.keys:
        yield Finding(KEYS, OK, f"{len(ring.keys)} in {settings.api_keys_file}; every request needs one")
    else:
        said = "every key has been revoked, so no client is answered"
        yield Finding(KEYS, WARNING, said, "`endeavour keys add NAME`")
    if settings.api_keys_file.stat().st_mode & OTHERS:
        yield Finding(
            KEYS,
            WARNING,
            f"{settings.api_keys_file} is open to other users",
            f"chmod 600 {settings.api_keys_file}",
        )


def _without_keys(settings: Settings) -> Iterator[Finding]:
    """Yield what having no keys means at the server's address; one that cannot be found is a fault of the server."""
    try:
        address = settings.advertised_address or resolved(settings.host, settings.port, "ENDEAVOUR_HOST")[1]
    except CannotListen:
        return
    if is_loopback(address):
        yield Finding(KEYS, OK, "there are none, and only this machine is answered")
    elif settings.allow_anonymous:
        said = f"there are none, and every client that reaches {address} is answered"
        yield Finding(KEYS, WARNING, said, "make keys")
    else:
        said = f"there are none, and others can reach {address}: a server does not start"
        yield Finding(KEYS, ERROR, said, "`endeavour keys add NAME`, or `endeavour serve --allow-anonymous`")


def server(settings: Settings) -> Finding:
    """Return whether the server's address is free, or a server answers there."""
    place = f"{settings.host}:{settings.port}"
    try:
        listening_address(settings)
    except CannotListen as error:
        if error.variable != "ENDEAVOUR_PORT":
            return Finding(SERVER, ERROR, str(error), OWN_ADDRESS)
        if _answers(settings):
            return Finding(SERVER, OK, f"one answers at {place}")
        said = f"{place} is taken by another program"
        return Finding(SERVER, ERROR, said, "end that program, or set ENDEAVOUR_PORT")
    return Finding(SERVER, OK, f"{place} is free for one")


def _answers(settings: Settings) -> bool:
    """Return whether the program at the server's address answers as this one does."""
    connection = HTTPConnection(local_address(settings.host), settings.port, timeout=2)
    with closing(connection), suppress(OSError, HTTPException, ValueError):
        connection.request("GET", "/livez")
        answer = connection.getresponse()
        return answer.status == HTTPStatus.OK and json.loads(answer.read(1024)) == {"status": "ok"}
    return False
