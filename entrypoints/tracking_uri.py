"""The tracking URI: refuses addresses that MLflow's client could never reach, because a typing error is no outage."""

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from environs import EnvError
from marshmallow import ValidationError

from entrypoints.environment import CONTROL

SCHEMES = ("http", "https", "sqlite", "postgresql", "mysql", "mssql")
FORMS = "Must be http(s)://HOST:PORT of an MLflow server, sqlite:///FILE, or postgresql+psycopg://… of a database."
CHARACTERS = (
    "Must not have blanks, control characters or #, no ? before a server's path, and no @ after the host; "
    "in a password, write them in percent-encoding, such as %20."
)


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
    from adapters.mlflow.access import Access

    try:
        Access.to(uri, environment)
    except ValueError as error:
        raise EnvError(str(error)) from error
    except OSError:
        return
