"""Access to an MLflow server: reads address, credentials, certificates and proxy as MLflow's own client does.

The plain client follows `ServerAccess`; MLflow's client follows the variables that `for_mlflow` returns.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import SplitResult, quote, unquote, urlsplit

from adapters.mlflow.certificates import Certificates
from adapters.mlflow.credentials import PASSWORD, TOKEN, USER, credentials_file
from adapters.mlflow.forward_proxy import ForwardProxy

WORKSPACE = "MLFLOW_WORKSPACE"
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class ServerAccess:
    """The way to one MLflow server.

    Parameters
    ----------
    scheme : str
        http or https.
    host : str
        In ASCII: an international name as DNS has it.
    port : int
    path : str
        The prefix of every request's path, percent-encoded, without a slash at its end.
    headers : mapping
        Headers of each request.
    certificates : Certificates
    proxy : ForwardProxy or None
    """

    scheme: str
    host: str
    port: int
    path: str
    headers: Mapping[str, str] = field(repr=False)
    certificates: Certificates
    proxy: ForwardProxy | None

    @classmethod
    def to(cls, uri: str, environment: Mapping[str, str]) -> Self:
        """Return the way to the server at `uri`.

        Raises
        ------
        OSError
            If the credentials file cannot be read.
        ValueError
            If a variable holds what cannot be followed, or `uri` is not the address of a server; names the variable
            and holds no secret.
        """
        parts = urlsplit(uri)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError("its address is not http://host:port or https://host:port")
        return cls(
            scheme=parts.scheme,
            host=_in_ascii(parts.hostname),
            port=parts.port or PORTS[parts.scheme],
            path=quote(parts.path.rstrip("/"), safe="/%:@!$&'()*+,;=~"),
            certificates=Certificates.from_environment(environment),
            proxy=ForwardProxy.before(parts, environment),
            headers=_headers(parts, environment),
        )

    @property
    def authority(self) -> str:
        """The server as `host:port`, an IPv6 address in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def for_mlflow(uri: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables with which MLflow's client takes the same way; an empty one is to be unset."""
    given = _user_info(urlsplit(uri))
    named = dict(zip((USER, PASSWORD), given, strict=True)) if all(given) else {}
    return named | Certificates.from_environment(environment).for_mlflow()


def without_user_info(uri: str) -> str:
    """Return the address for MLflow's client: requests would send user and password in Latin-1, MLflow reads UTF-8."""
    scheme, mark, rest = uri.partition("://")
    place, slash, path = rest.partition("/")
    return f"{scheme}{mark}{place.rpartition('@')[2]}{slash}{path}"


def _in_ascii(host: str) -> str:
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError as error:
        raise ValueError("MLFLOW_TRACKING_URI must name a host that DNS can have") from error


def _headers(server: SplitResult, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the credentials that come first: those of the address, of the variables or the file, or the token."""
    token, workspace = _text(TOKEN, environment), _text(WORKSPACE, environment).strip()
    user, password = credentials_file()
    named = environment.get(USER) or user, environment.get(PASSWORD) or password
    credentials = next((pair for pair in (_user_info(server), named) if all(pair)), None)
    headers = {"X-MLFLOW-WORKSPACE": workspace} if workspace else {}
    if credentials:
        headers["Authorization"] = "Basic " + base64.b64encode(":".join(credentials).encode()).decode()
    elif token:
        headers["Authorization"] = f"Bearer {token}"
    return headers


def _user_info(server: SplitResult) -> tuple[str, str]:
    return unquote(server.username or ""), unquote(server.password or "")


def _text(variable: str, environment: Mapping[str, str]) -> str:
    """Return a value that becomes part of a header."""
    value = environment.get(variable, "")
    if not (value.isascii() and value.isprintable()):
        raise ValueError(f"{variable} must be of printable ASCII characters, without line breaks")
    return value
