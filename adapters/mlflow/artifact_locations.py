"""Artifact places: which of the places that a registry names are read from and written to.

A server's credentials go to that server only, so that its artifacts must be behind its own API.
"""

import re
from urllib.parse import urlsplit
from urllib.request import url2pathname

from adapters.mlflow.names import quoted
from adapters.mlflow.remedies import LOCAL_ARTIFACTS, NEW_EXPERIMENT, SERVE_ARTIFACTS, OperatorNeeded

_SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


def server_path(place: object) -> str:
    """Return the path of `mlflow-artifacts:/path`, which may become part of a URL, or raise `OperatorNeeded`."""
    scheme, _, path = str(place).partition(":/")
    found = f"its artifacts are at {quoted(place)}"
    if scheme in ("http", "https") or (scheme == "mlflow-artifacts" and path.startswith("/")):
        raise OperatorNeeded(f"{found}, which is on another server", NEW_EXPERIMENT)
    if scheme != "mlflow-artifacts":
        raise OperatorNeeded(f"{found}, which the server does not serve", SERVE_ARTIFACTS)
    if not all(_SEGMENT.fullmatch(segment) and ".." not in segment for segment in path.split("/")):
        raise OperatorNeeded(
            f"{found}, but a path may have letters, digits, '.', '_' and '-' between slashes only", NEW_EXPERIMENT
        )
    return path


def local_path(place: object) -> str:
    """Return the path of a folder of this machine, or raise `OperatorNeeded`."""
    text = str(place)
    parts = urlsplit(text)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return url2pathname(parts.path)
    if not text.startswith("/"):
        raise OperatorNeeded(
            f"its artifacts are at {quoted(place)}, which is no folder of this machine", LOCAL_ARTIFACTS
        )
    return text
