"""Dask: the cluster, with its files of TLS."""

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from entrypoints.settings import DECLARED, ConfigurationError, Settings

if TYPE_CHECKING:
    from adapters.dask.cluster import DaskCluster

# Settings of the files of TLS, in the order of `TlsFiles`.
DASK_TLS = ("dask_tls_ca", "dask_tls_cert", "dask_tls_key")


def cluster(
    settings: Settings, place: str, on_dashboard: Callable[[str | None], None] | None = None
) -> "AbstractContextManager[DaskCluster | None]":
    """Return the Dask cluster at `place`, to which a `with` statement limits the connection; without a place, None.

    Raises
    ------
    ConfigurationError
        If `place` and the settings of TLS contradict each other, or if one of their files cannot be read.
    """
    if not place:
        return nullcontext()
    files = {name: getattr(settings, name) for name in DASK_TLS}
    _validate_dask_tls(place, files)
    from adapters.dask.cluster import DaskCluster
    from adapters.dask.tls import TlsFiles

    return DaskCluster(place, TlsFiles(*files.values()) if place.startswith("tls:") else None, on_dashboard)


def _validate_dask_tls(place: str, files: Mapping[str, Path | None]) -> None:
    named = {DECLARED[name].variable: path for name, path in files.items()}
    missing = ", ".join(variable for variable, path in named.items() if path is None)
    if place.startswith("tcp:") and any(named.values()):
        raise ConfigurationError(f"{place} is not encrypted, but {', '.join(named)} are set: use tls://")
    if not place.startswith("tls:"):
        return
    if missing:
        raise ConfigurationError(f"{place} needs {missing}: files in PEM format")
    for variable, path in named.items():
        if path is not None and not os.access(path, os.R_OK):
            raise ConfigurationError(f"{variable} names {path}, which cannot be read")
