"""Credentials: the variables and the file that hold them, and what becomes of them on the way to a server."""

import base64
import configparser
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import product
from pathlib import Path
from urllib.parse import parse_qsl, unquote

from adapters.mlflow.credentials_file import credentials_file
from domain.redaction import LABELED, Redaction

SECRETS = (
    "MLFLOW_TRACKING_TOKEN",
    "MLFLOW_TRACKING_PASSWORD",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "PGPASSWORD",
)
PROXIES = ("http_proxy", "https_proxy", "all_proxy")
ADDRESSES = ("MLFLOW_TRACKING_URI", "ENDEAVOUR_REDIS_URL", *PROXIES, *map(str.upper, PROXIES))
MLFLOW_FILE = Path("~/.mlflow/credentials")


def redaction(environment: Mapping[str, str]) -> Redaction:
    """Return what removes the credentials of `environment`, and of MLflow's file of them, from text."""
    secrets = {environment[name] for name in SECRETS if environment.get(name)}
    pairs = [("", password) for password in secrets]
    pairs += [(environment.get("MLFLOW_TRACKING_USERNAME", ""), ""), *_pairs_in_file()]
    for name in ADDRESSES:
        address = environment.get(name, "")
        secrets |= {value for key, value in parse_qsl(address.partition("?")[2]) if LABELED.match(f"{key}=x")}
        pairs += _pairs_in(address)
    users, passwords = {user for user, _ in pairs if user}, {password for _, password in pairs if password}
    return Redaction({*secrets, *passwords, *_basic(users, passwords)}, users)


def _pairs_in(address: str) -> Iterator[tuple[str, str]]:
    """Yield user and password of an address as they are and decoded; a user without a password counts as a password."""
    authority = address.partition("://")[2].partition("/")[0]
    user, _, password = authority.rpartition("@")[0].partition(":")
    for form in ((user, password), (unquote(user), unquote(password))):
        yield form if password else form[::-1]


def _pairs_in_file() -> Iterator[tuple[str, str]]:
    """Yield user and password of MLflow's own file, as MLflow reads them and as they stand there."""
    with suppress(OSError):
        yield credentials_file()
    file = configparser.ConfigParser(interpolation=None)
    with suppress(OSError, RuntimeError, ValueError, configparser.Error):
        file.read(MLFLOW_FILE.expanduser())
    if "mlflow" in file:
        yield file["mlflow"].get("mlflow_tracking_username", ""), file["mlflow"].get("mlflow_tracking_password", "")


def _basic(users: set[str], passwords: set[str]) -> Iterator[str]:
    """Yield what basic authentication sends for each user with each password."""
    for user, password, encoding in product(users, passwords, ("utf-8", "latin-1")):
        with suppress(UnicodeEncodeError):
            yield base64.b64encode(f"{user}:{password}".encode(encoding, "surrogateescape")).decode()
