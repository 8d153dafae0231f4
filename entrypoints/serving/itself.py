"""How a server is asked by its own host."""

import http.client
import ssl

from entrypoints.serving.address import local_address
from entrypoints.settings import Settings

PATIENCE = 2.0
LARGEST_ANSWER = 64 * 1024


def ask(settings: Settings, path: str) -> tuple[int, bytes]:
    """Return status and body of `GET path`, or raise `OSError` or `HTTPException`.

    The certificate is for the names that others call this host by, so it is not compared with the local address.
    """
    host = local_address(settings.host)
    connection = http.client.HTTPConnection(host, settings.port, timeout=PATIENCE)
    if settings.tls_cert:
        unverified = ssl._create_unverified_context()  # noqa: S323  # said above
        connection = http.client.HTTPSConnection(host, settings.port, timeout=PATIENCE, context=unverified)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read(LARGEST_ANSWER)
    finally:
        connection.close()
