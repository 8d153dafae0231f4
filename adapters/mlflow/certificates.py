"""TLS certificates: which authorities are trusted, and which certificate the client shows to MLflow."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from adapters.mlflow.remedies import OperatorNeeded

SERVER_CERTIFICATE = "MLFLOW_TRACKING_SERVER_CERT_PATH"
# By precedence: MLflow's, then those of requests, then OpenSSL's, which MLflow's client does not read by itself.
AUTHORITIES = (SERVER_CERTIFICATE, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
CLIENT_CERTIFICATE = "MLFLOW_TRACKING_CLIENT_CERT_PATH"
INSECURE = "MLFLOW_TRACKING_INSECURE_TLS"
BOOLEANS = {"": False, "false": False, "0": False, "true": True, "1": True}


@dataclass(frozen=True, slots=True)
class Certificates:
    """The settings of TLS.

    Parameters
    ----------
    variable : str
        The first variable of `AUTHORITIES` that is set; empty for the trust store of the operating system.
    authorities : str
        Its value: a file (PEM), or a folder as OpenSSL indexes it.
    client : str
        The file of the client's certificate and its key (PEM); empty for none.
    insecure : bool
        Whether any certificate of the server is accepted.
    """

    variable: str
    authorities: str
    client: str
    insecure: bool

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Return the settings, or raise `ValueError` naming the variable; an empty variable counts as unset."""
        insecure = BOOLEANS.get(environment.get(INSECURE, "").lower())
        if insecure is None:
            raise ValueError(f"{INSECURE} must be true or false")
        if insecure and environment.get(SERVER_CERTIFICATE):
            raise ValueError(f"{INSECURE} and {SERVER_CERTIFICATE} exclude each other: unset one of them")
        variable = next((name for name in AUTHORITIES if environment.get(name)), "")
        return cls(variable, environment.get(variable, ""), environment.get(CLIENT_CERTIFICATE, ""), insecure)

    def context(self) -> ssl.SSLContext:
        """Return the context of a connection, or raise `OperatorNeeded` for a file that does not load."""
        path = None if self.insecure else self.authorities or None
        folder = path if path and Path(path).is_dir() else None
        with _named(self.variable, self.authorities, "certificates (PEM)"):
            context = ssl.create_default_context(cafile=None if folder else path, capath=folder)
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self.client:
            with _named(CLIENT_CERTIFICATE, self.client, "a certificate and its key (PEM), without a passphrase"):
                # OpenSSL would ask for a passphrase at the terminal.
                context.load_cert_chain(self.client, password=lambda: "")
        return context

    def for_mlflow(self) -> dict[str, str]:
        """Return the variables with which MLflow's client uses the same certificates; an empty one is to be unset."""
        system = ssl.get_default_verify_paths()
        authorities = self.authorities or system.cafile or system.capath or ""
        return {
            SERVER_CERTIFICATE: "" if self.insecure else authorities,
            CLIENT_CERTIFICATE: self.client,
            INSECURE: str(self.insecure).lower(),
        }


@contextmanager
def _named(variable: str, path: str, content: str) -> Iterator[None]:
    """Raise `OperatorNeeded` with the variable and the path of a file that does not load."""
    try:
        yield
    except OSError as error:  # which SSLError is
        reason = getattr(error, "reason", None) or error.strerror
        why = f"{variable} names {path}, which must hold {content}: {reason}"
        raise OperatorNeeded(why, f"set {variable} to such a file") from error
