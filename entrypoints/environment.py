"""Environment: strips the variables of settings, parses their values, and validates the access to an MLflow server."""

import re
from collections.abc import Callable, Mapping, MutableMapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import unquote, urlsplit

from environs import EnvError
from marshmallow import ValidationError

from adapters.mlflow.credentials import PASSWORD, TOKEN, USER

PREFIX = "ENDEAVOUR_"
TRACKING_URI = "MLFLOW_TRACKING_URI"
MAX_PORT = 65535

SCHEMES = ("http", "https", "sqlite", "postgresql", "mysql", "mssql")
FORMS = "Must be http(s)://HOST:PORT of an MLflow server, sqlite:///FILE, or postgresql+psycopg://… of a database."
CHARACTERS = (
    "Must not have blanks, control characters or #, no ? before a server's path, and no @ after the host; "
    "in a password, write them in percent-encoding, such as %20."
)
CLUSTER = "Must be local:WORKERS, such as local:4, or tcp://HOST:PORT or tls://HOST:PORT of a Dask scheduler."
MAX_LOCAL_WORKERS = 64
REPLICAS = "Must be http(s)://HOST:PORT of each replica, separated by commas, without user and query."
PAGE = "Must be http(s)://HOST:PORT, without user and query."
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def strip_settings(environment: MutableMapping[str, str]) -> None:
    """Strip the settings in place, because MLflow's client reads some of the same variables.

    Spaces at the ends of a user name or a password belong to it; line breaks do not.

    Raises
    ------
    EnvError
        If a value is blank, or holds control characters or bytes that are not UTF-8; a token must be ASCII too.
        The message names the variable without its value.
    """
    for name, text in sorted(environment.items()):
        if not text or not (name.startswith(PREFIX) or name in (TRACKING_URI, TOKEN, USER, PASSWORD)):
            continue
        stripped = environment[name] = text.strip("\r\n") if name in (USER, PASSWORD) else text.strip()
        problem = ""
        if not stripped:
            problem = "Must not be blank; unset it for the default."
        elif CONTROL.search(stripped):
            problem = "Must be UTF-8 without line breaks and control characters."
        elif name == TOKEN and not stripped.isascii():
            problem = "Must be ASCII, as a header is."
        if problem:
            raise EnvError(f'Environment variable "{name}" invalid: {problem}')


def tracking_uri(uri: str) -> str:
    """Return `uri` if MLflow can be there; the path of an SQLite database may hold any character."""
    try:
        parts = urlsplit(uri)
        reachable = bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise ValidationError(FORMS) from error
    scheme = parts.scheme.partition("+")[0]
    if scheme == "sqlite":
        reachable = uri.partition("://")[2].removeprefix("/") not in ("", ":memory:")
    if scheme not in SCHEMES or not uri.startswith(scheme) or not reachable:
        raise ValidationError(FORMS)
    forbidden = "?#" if scheme in ("http", "https") else "#"
    if scheme != "sqlite" and (
        set(uri) & set(forbidden) or uri.split() != [uri] or CONTROL.search(unquote(uri)) or "@" in parts.path
    ):
        raise ValidationError(CHARACTERS)
    return uri


def folder(text: str) -> Path:
    """Return the absolute path."""
    return Path(text).absolute()


def address(text: str) -> str:
    """Return a numeric address, without brackets."""
    try:
        ip_address(text.strip("[]"))
    except ValueError as error:
        raise ValidationError("Must be an address such as 127.0.0.1 or 0.0.0.0.") from error
    return text.strip("[]")


def endpoint(text: str) -> tuple[str, int]:
    """Return host and port."""
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdecimal() and 1 <= int(port) <= MAX_PORT):
        raise ValidationError("Must be HOST:PORT such as 127.0.0.1:9100.")
    return host.strip("[]"), int(port)


def networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Return the networks of a comma-separated list of addresses and networks."""
    try:
        return tuple(ip_network(word.strip()) for word in text.split(",") if word.strip())
    except ValueError as error:
        raise ValidationError("Must be addresses or networks such as 10.0.0.0/8, separated by commas.") from error


def replicas(text: str) -> tuple[str, ...]:
    """Return the URLs of a comma-separated list."""
    urls = tuple(word.strip() for word in text.split(",") if word.strip())
    if not all(map(_is_plain, urls)):
        raise ValidationError(REPLICAS)
    return urls


def _is_plain(url: str) -> bool:
    """Return whether `url` is one of HTTP without user and query."""
    try:
        parts = urlsplit(url)
        is_plain = parts.scheme in ("http", "https") and parts.port != 0 and not parts.username
    except ValueError:
        return False
    return bool(is_plain and parts.hostname and url.isascii()) and not set(url) & set(" ?#")


def page(url: str) -> str:
    """Return the URL of pages for browsers, without a slash at its end."""
    if not _is_plain(url):
        raise ValidationError(PAGE)
    return url.rstrip("/")


def cluster(text: str) -> str:
    """Return `text` if it names a Dask cluster, here or elsewhere."""
    kind, _, rest = text.partition(":")
    if kind == "local":
        is_cluster = bool(re.fullmatch(r"[1-9]\d?", rest)) and int(rest) <= MAX_LOCAL_WORKERS
    else:
        try:
            parts = urlsplit(text)
            is_cluster = kind in ("tcp", "tls") and bool(parts.hostname and parts.port and not parts.path)
        except ValueError as error:
            raise ValidationError(CLUSTER) from error
    if not is_cluster or not text.isascii() or set(text) & set(" @?#"):
        raise ValidationError(CLUSTER)
    return text


PARSERS: Mapping[str, Callable[[str], object]] = {
    parse.__name__: parse for parse in (tracking_uri, folder, address, endpoint, networks, replicas, page, cluster)
}
"""Parsers of values by name; each raises `ValidationError`."""


def validate_access(uri: str, environment: Mapping[str, str]) -> None:
    """Raise `EnvError` if no HTTP client can follow the variables of the way to the server at `uri`.

    A file that they name may be repaired while the program runs, so that one that cannot be read is no error here.
    """
    if not uri.startswith(("http://", "https://")):
        return
    # It imports HTTP clients of the standard library, which commands with the csv store do not need.
    from adapters.mlflow.server_access import ServerAccess

    try:
        ServerAccess.to(uri, environment)
    except ValueError as error:
        raise EnvError(str(error)) from error
    except OSError:
        return
