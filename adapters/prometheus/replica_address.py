"""Replica addresses: the numeric addresses behind a URL, because one name may stand for several replicas."""

import socket
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443}
METRICS_PATH = "/metrics"


@dataclass(frozen=True, slots=True)
class ReplicaAddress:
    """Where one replica exposes its metrics.

    Parameters
    ----------
    scheme : str
        http or https.
    host : str
        Name or address as the URL has it, for the header Host and the certificate.
    address : str
        Numeric address to connect to.
    port : int
    path : str
    """

    scheme: str
    host: str = field(compare=False)
    address: str
    port: int
    path: str

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"

    @classmethod
    def of(cls, url: str) -> tuple[Self, ...]:
        """Return the replicas behind `url`, each once; raise `OSError` if its host has no address.

        A host with IPv4 addresses is read over these only, because its IPv6 addresses are of the same replicas.
        """
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        families = {family for family, *_ in found}
        family = socket.AF_INET if socket.AF_INET in families else socket.AF_INET6
        addresses = sorted({str(place[0]) for of_family, *_, place in found if of_family == family})
        return tuple(cls(parts.scheme, host, address, port, parts.path or METRICS_PATH) for address in addresses)
