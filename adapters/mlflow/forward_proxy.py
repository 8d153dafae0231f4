"""Forward proxy: finds the proxy before an MLflow server in the environment, as requests does for MLflow's client."""

import base64
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import Self
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # typeshed lacks it

from adapters.mlflow.remedies import OperatorNeeded

DEFAULT_PORT = 80


@dataclass(frozen=True, slots=True)
class ForwardProxy:
    """A proxy that passes requests on.

    Parameters
    ----------
    variable : str
        The variable that names the proxy, in lower case.
    host : str
    port : int
    headers : mapping
        Headers of each request to the proxy.
    """

    variable: str
    host: str
    port: int
    headers: Mapping[str, str] = field(repr=False)

    @classmethod
    def before(cls, server: SplitResult, environment: Mapping[str, str]) -> Self | None:
        """Return the proxy for requests to `server`, None for direct connections, or raise `ValueError`."""
        if _is_exempt(server, environment):
            return None
        for variable in (f"{server.scheme}_proxy", "all_proxy"):
            # An empty variable in lower case switches off the one in upper case.
            if url := environment.get(variable, environment.get(variable.upper())):
                return cls._at(url, variable)
        return None

    def failure(self, what: str) -> ConnectionError:
        """Return the error of a proxy that does not pass a request on."""
        return ConnectionError(f"the proxy {self.host}:{self.port} of {self.variable} {what}")

    def validate(self, status: int) -> None:
        """Raise `OperatorNeeded` if an answer of this status is the proxy's own refusal."""
        if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
            raise OperatorNeeded(
                str(self.failure(f"answers {status}")), f"set USER:PASSWORD@ before the host in {self.variable}"
            )

    @classmethod
    def _at(cls, url: str, variable: str) -> Self:
        with suppress(ValueError):  # its text may hold the password
            parts = urlsplit(url if "://" in url else f"http://{url}")
            if parts.scheme == "http" and parts.hostname:
                return cls(variable, parts.hostname, parts.port or DEFAULT_PORT, _headers(parts))
        raise ValueError(
            f"{variable} must be http://HOST:PORT of a proxy, with USER:PASSWORD@ before the host if it asks"
        )


def _headers(proxy: SplitResult) -> dict[str, str]:
    """Return the credentials in the proxy's address, in the encoding of requests."""
    if not proxy.username or proxy.password is None:
        return {}
    credentials = f"{unquote(proxy.username)}:{unquote(proxy.password)}"
    return {"Proxy-Authorization": "Basic " + base64.b64encode(credentials.encode("latin-1")).decode()}


def _is_exempt(server: SplitResult, environment: Mapping[str, str]) -> bool:
    """Return whether no_proxy lists the host: its name, a domain above it, its IPv4 network, or `*` for all hosts."""
    exempt = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    host = server.hostname or ""
    try:
        address = IPv4Address(host)
    except AddressValueError:
        place = f"{host}:{server.port}" if server.port else host
        return bool(proxy_bypass_environment(place, {"no": exempt}))
    listed = proxy_bypass_environment(host, {"no": exempt})
    return bool(listed) or any(_contains(entry.strip(), address) for entry in exempt.split(","))


def _contains(entry: str, address: IPv4Address) -> bool:
    """Return whether `entry` is a network such as 10.0.0.0/8 and has the address."""
    with suppress(ValueError):
        return bool(entry.partition("/")[2].strip("0").isdecimal()) and address in IPv4Network(entry, strict=False)
    return False
