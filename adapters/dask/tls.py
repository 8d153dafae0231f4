"""TLS: the files by which a client and a cluster authenticate each other."""

from dataclasses import dataclass
from pathlib import Path

from distributed import Security


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files: the certificate of the cluster's own authority, and this client's certificate and its key."""

    ca: Path
    cert: Path
    key: Path

    def security(self) -> Security:
        """Return Dask's form, which refuses a connection without TLS."""
        return Security(
            require_encryption=True,
            tls_ca_file=str(self.ca),
            tls_client_cert=str(self.cert),
            tls_client_key=str(self.key),
        )
