"""What the settings need of this host to be followed, looked at before anything is started."""

import ssl
from collections.abc import Iterator
from importlib.util import find_spec
from typing import NamedTuple

from entrypoints.settings import Settings

# Packages of the extra `train`: servers do without them unless their registry is a database.
OF_TRAINING = ("matplotlib", "mlflow", "pyarrow")
INSTALL_TRAINING = "install the extra `train`, as in `endeavour[train]`"


class Lack(NamedTuple):
    """Something that is missing here, and what would mend that."""

    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what}: {self.remedy}"


def lacks(settings: Settings) -> Iterator[Lack]:
    """Yield what a server with these settings would not find: a package, or a certificate that loads."""
    needed = {settings.server: "ENDEAVOUR_SERVER", **({"redis": "ENDEAVOUR_REDIS_URL"} if settings.redis_url else {})}
    for package, variable in needed.items():
        if find_spec(package) is None:
            yield Lack(f"{variable} needs the package {package}", f"install the extra `{package}`")
    if settings.tls_cert and settings.tls_key:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_cert, settings.tls_key, _no_passphrase)
        except OSError as error:  # which SSLError is
            what = f"ENDEAVOUR_TLS_CERT and ENDEAVOUR_TLS_KEY cannot be used ({error.strerror or error})"
            yield Lack(what, "they must be a certificate chain and the key that belongs to it, PEM, no passphrase")


def _no_passphrase() -> str:
    """Answer what OpenSSL would otherwise ask the terminal for."""
    return ""
