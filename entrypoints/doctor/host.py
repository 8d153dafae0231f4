"""Checks of the host: settings, packages, folders, keys and port."""

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
from domain.access.api_key import Role
from domain.access.errors import CorruptKeyFile
from domain.errors import BackendUnavailable
from domain.ports import KeyStore
from entrypoints.doctor.finding import ERROR, OK, WARNING, Finding
from entrypoints.network import CannotListen, is_loopback, listening_address, local_address, resolved
from entrypoints.settings import VARIABLES, Settings, unknown_settings

# Packages of the extra `train`; a server needs them only if its registry is a database.
OF_TRAINING = ("matplotlib", "mlflow", "pyarrow")
INSTALL_TRAINING = "install the extra `train`, as in `endeavour[train]`"
# Packages of the extra `dask`; only a training on a cluster needs them.
OF_DASK = ("dask", "distributed")
INSTALL_DASK = "install the extra `dask`, as in `endeavour[train,dask]`"
SETTINGS, PACKAGES, FOLDER, KEYS, SERVER = "settings", "packages", "folder", "keys", "server"
ROLLOUTS = "rollouts"
MIB = 1024 * 1024
# A champion is a few kilobytes, but a training writes its data, pictures and logs.
MIN_FREE_BYTES = 256 * MIB
ACCESS_OF_OTHERS = 0o077
OWN_ADDRESS = "set ENDEAVOUR_HOST to an address of this machine, 127.0.0.1 or 0.0.0.0"


def install_hint(package: str | None) -> str:
    """Return how to install a package that belongs to an extra; '' for any other."""
    return INSTALL_TRAINING if package in OF_TRAINING else INSTALL_DASK if package in OF_DASK else ""


def unknown(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the variables that look like settings and are none."""
    for name in unknown_settings(environment):
        words = set(name.split("_"))
        near = difflib.get_close_matches(name, VARIABLES, n=1, cutoff=0.85)
        near += sorted(variable for variable in VARIABLES if words < set(variable.split("_")))
        hint = f"is it {near[0]}?" if near else "docs/settings.md lists them all"
        yield Finding(SETTINGS, WARNING, f"{name} is not a setting and has no effect", hint)


def configuration(settings: Settings) -> Finding:
    """Return the store of models and runs that the settings choose."""
    count = len(dataclasses.fields(settings))
    return Finding(SETTINGS, OK, f"{count} are valid; the store is {settings.store}")


def packages() -> Iterator[Finding]:
    """Yield the missing packages of the extra `train`; a server whose registry speaks HTTP needs none of them."""
    if missing := ", ".join(package for package in OF_TRAINING if find_spec(package) is None):
        users = "`train` and the commands on models in MLflow"
        yield Finding(PACKAGES, WARNING, f"not installed: {missing}; {users} need them", INSTALL_TRAINING)


def folder(data: Path, copy: Path) -> Finding:
    """Return whether the folders of data and of the champion's copy can be written to, and the free space."""
    for path in dict.fromkeys(map(_existing, (data, copy))):
        try:
            require_writable(path)
        except OSError as error:
            message = f"{path} cannot be written to: {os.strerror(error.errno or 0).lower()}"
            return Finding(FOLDER, ERROR, message, "free space, or set ENDEAVOUR_DATA_DIR to another")
    free = shutil.disk_usage(_existing(data)).free
    if free < MIN_FREE_BYTES:
        return Finding(FOLDER, WARNING, f"{data} has {free // MIB} MiB left", "free some space before it is used up")
    return Finding(FOLDER, OK, f"{data} can be written to; {free // MIB:,} MiB are free")


def _existing(path: Path) -> Path:
    """Return the folder, or the nearest existing one above it, because the first write creates it."""
    return next(parent for parent in (path, *path.parents) if parent.exists())


def keys(settings: Settings, store: KeyStore) -> Iterator[Finding]:
    """Yield whether a server would start with these keys, and which clients it would serve."""
    try:
        ring = store.ring()
    except (BackendUnavailable, CorruptKeyFile) as error:
        remedy = "repair the file, restore it, or let this user read it; running servers keep the last valid keys"
        yield Finding(KEYS, ERROR, str(error), remedy)
        return
    if ring is None:
        yield from _without_keys(settings)
        return
    if ring.keys:
        orders = sum(Role.OPERATE in key.roles for key in ring.keys)
        found = f"{len(ring.keys)} in {settings.api_keys_file}; every request needs one, and {orders} may give orders"
        yield Finding(KEYS, OK, found)
        yield from _unreadable_orders(settings)
    else:
        yield Finding(KEYS, WARNING, "every key is revoked, so no client is served", "`endeavour keys add NAME`")
    if settings.api_keys_file.stat().st_mode & ACCESS_OF_OTHERS:
        yield Finding(
            KEYS,
            WARNING,
            f"{settings.api_keys_file} is open to other users",
            f"chmod 600 {settings.api_keys_file}",
        )


def _unreadable_orders(settings: Settings) -> Iterator[Finding]:
    """Yield that a controller cannot read a server with keys which has no address for metrics."""
    if not (settings.metrics_address or settings.replicas):
        message = "no controller can read this server's orders and counts, because its /metrics asks for a key"
        remedy = "set ENDEAVOUR_METRICS_ADDRESS, such as 127.0.0.1:9100, for `serve` and `rollout run`"
        yield Finding(ROLLOUTS, WARNING, message, remedy)


def _without_keys(settings: Settings) -> Iterator[Finding]:
    """Yield the effect of having no keys at the server's address; `server` reports an address that does not exist."""
    try:
        address = settings.advertised_address or resolved(settings.host, settings.port, "ENDEAVOUR_HOST")[1]
    except CannotListen:
        return
    if is_loopback(address):
        yield Finding(KEYS, OK, "there are none, and only this machine is served")
    elif settings.allow_anonymous:
        message = f"there are none, and every client that reaches {address} is served"
        yield Finding(KEYS, WARNING, message, "`endeavour keys add NAME`, if this is not intended")
    else:
        message = f"there are none, and other hosts can reach {address}: a server does not start"
        yield Finding(KEYS, ERROR, message, "`endeavour keys add NAME`, or `endeavour serve --allow-anonymous`")


def server(settings: Settings) -> Finding:
    """Return whether the server's address is free, or a server answers there."""
    address = f"{settings.host}:{settings.port}"
    try:
        listening_address(settings)
    except CannotListen as error:
        if error.variable != "ENDEAVOUR_PORT":
            return Finding(SERVER, ERROR, str(error), OWN_ADDRESS)
        if _answers(settings):
            return Finding(SERVER, OK, f"a server answers at {address}")
        message = f"another program listens on {address}"
        return Finding(SERVER, ERROR, message, "end that program, or set ENDEAVOUR_PORT")
    return Finding(SERVER, OK, f"{address} is free")


def _answers(settings: Settings) -> bool:
    """Return whether the program at the server's address is a server of this kind."""
    connection = HTTPConnection(local_address(settings.host), settings.port, timeout=2)
    with closing(connection), suppress(OSError, HTTPException, ValueError):
        connection.request("GET", "/livez")
        response = connection.getresponse()
        return response.status == HTTPStatus.OK and json.loads(response.read(1024)) == {"status": "ok"}
    return False
