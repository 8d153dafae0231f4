"""Credentials: the secrets in variables and in MLflow's file, which are removed from every text."""

import base64
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from itertools import product
from pathlib import Path
from urllib.parse import parse_qsl, unquote

from adapters.files.feedback_keys import feedback_secrets
from adapters.mlflow.credentials import PASSWORD, TOKEN, USER, credentials_file
from domain.access.redaction import LABELED, Redaction
from entrypoints.environment import TRACKING_URI

LOGIN = (USER, PASSWORD)
SECRETS = (TOKEN, "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "PGPASSWORD")
PROXIES = ("http_proxy", "https_proxy", "all_proxy")
FEEDBACK_KEYS = "ENDEAVOUR_FEEDBACK_KEYS"
OTHER_ADDRESSES = (*PROXIES, *map(str.upper, PROXIES))
# Users of which no text would remain readable without them, such as "start `mlflow server`".
OURS = frozenset({"endeavour", "mlflow"})


def redaction(environment: Mapping[str, str]) -> Redaction:
    """Return the redaction of the credentials in `environment` and in MLflow's credentials file."""

    def value(name: str) -> str:
        return environment.get(name, "")

    mlflow = [(value(USER), value(PASSWORD)), *_pairs_in(value(TRACKING_URI)), *_pairs_in_file()]
    pairs = [*mlflow, *(pair for name in OTHER_ADDRESSES for pair in _pairs_in(value(name)))]
    queries = [field for name in (TRACKING_URI, *OTHER_ADDRESSES) for field in parse_qsl(value(name).partition("?")[2])]
    secrets = {*map(value, SECRETS), *(text for key, text in queries if LABELED.match(f"{key}=x"))}
    secrets |= {*feedback_secrets(Path(value(FEEDBACK_KEYS).strip()))}
    secrets |= {password for _, password in pairs} | set(_basic(pairs))
    # The users of other addresses are words such as `default`, which any text may need, as it needs those of `OURS`.
    return Redaction(secrets, {user for user, _ in mlflow} - OURS)


def _pairs_in(address: str) -> Iterator[tuple[str, str]]:
    """Yield user and password of an address as they are and decoded; a user without a password counts as a password."""
    authority = address.partition("://")[2].partition("/")[0]
    user, _, password = authority.rpartition("@")[0].partition(":")
    for form in ((user, password), (unquote(user), unquote(password))):
        yield form if password else form[::-1]


def _pairs_in_file() -> Iterator[tuple[str, str]]:
    """Yield user and password of MLflow's own file, as MLflow reads them and as they stand there."""
    for raw in (False, True):
        with suppress(OSError):
            yield credentials_file(raw=raw)


def _basic(pairs: Collection[tuple[str, str]]) -> Iterator[str]:
    """Yield what basic authentication sends for each user with each password."""
    users, passwords = {user for user, _ in pairs if user}, {password for _, password in pairs if password}
    for user, password, encoding in product(users, passwords, ("utf-8", "latin-1")):
        with suppress(UnicodeEncodeError):
            yield base64.b64encode(f"{user}:{password}".encode(encoding, "surrogateescape")).decode()
