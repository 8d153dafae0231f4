"""Environment: strips the variables of settings, and validates the tracking URI and the access to its server."""

import re
from collections.abc import Mapping, MutableMapping
from urllib.parse import unquote, urlsplit

from environs import EnvError
from marshmallow import ValidationError

PREFIX = "ENDEAVOUR_"
URI, TOKEN = "MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_TOKEN"
LOGIN = ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD")

SCHEMES = ("http", "https", "sqlite", "postgresql", "mysql", "mssql")
FORMS = "Must be http(s)://HOST:PORT of an MLflow server, sqlite:///FILE, or postgresql+psycopg://… of a database."
CHARACTERS = (
    "Must not have blanks, control characters or #, no ? before a server's path, and no @ after the host; "
    "in a password, write them in percent-encoding, such as %20."
)
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def strip_settings(environment: MutableMapping[str, str]) -> None:
    """Strip the settings in place, because MLflow's client reads some of the same variables.

    Blanks at the ends of a user name or a password belong to it, line breaks do not.

    Raises
    ------
    EnvError
        If a value is blank, or holds control characters or bytes that are not UTF-8; a token must be ASCII too.
        The message names the variable without its value.
    """
    for name, text in sorted(environment.items()):
        if not text or not (name.startswith(PREFIX) or name in (URI, TOKEN, *LOGIN)):
            continue
        stripped = environment[name] = text.strip("\r\n") if name in LOGIN else text.strip()
        problem = ""
        if not stripped:
            problem = "Must not be blank; unset it for the default."
        elif CONTROL.search(stripped):
            problem = "Must be UTF-8 without line breaks and control characters."
        elif name == TOKEN and not stripped.isascii():
            problem = "Must be ASCII, as a header is."
        if problem:
            raise EnvError(f'Environment variable "{name}" invalid: {problem}')


def validate_tracking_uri(uri: str) -> None:
    """Raise `ValidationError` if MLflow cannot be at `uri`; the path of an SQLite database may hold any character."""
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


def validate_access(uri: str, environment: Mapping[str, str]) -> None:
    """Raise `EnvError` if no HTTP client can follow the variables of the way to the server at `uri`.

    A file that they name may be mended while the program runs, so one that cannot be read is no error here.
    """
    if not uri.startswith(("http://", "https://")):
        return
    from adapters.mlflow.server_access import ServerAccess

    try:
        ServerAccess.to(uri, environment)
    except ValueError as error:
        raise EnvError(str(error)) from error
    except OSError:
        return
