"""Whether a server could be started here, or is there already and answers."""

import http.client
import json
from collections.abc import Iterator

from entrypoints.diagnosis.finding import Finding, broken, good
from entrypoints.serving.address import CannotListen, listening_address, local_address
from entrypoints.settings import Settings

SUBJECT = "server"
PATIENCE = 2.0
LARGEST_ANSWER = 64 * 1024


def server(settings: Settings) -> Iterator[Finding]:
    """Say what is at the server's address."""
    place = f"{settings.host}:{settings.port}"
    try:
        listening_address(settings)
    except CannotListen as error:
        if error.variable != "ENDEAVOUR_PORT":
            yield broken(SUBJECT, str(error), "an address of this machine, 127.0.0.1 or 0.0.0.0")
        elif _is_endeavour(settings):
            yield good(SUBJECT, f"one answers at {place}")
        else:
            yield broken(SUBJECT, f"{place} is taken by another program", "end that program, or set ENDEAVOUR_PORT")
        return
    yield good(SUBJECT, f"{place} is free for one")


def _is_endeavour(settings: Settings) -> bool:
    """Tell whether what listens there calls itself ready, or not ready, as only our own server does."""
    connection = http.client.HTTPConnection(local_address(settings.host), settings.port, timeout=PATIENCE)
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        told = json.loads(answer.read(LARGEST_ANSWER))
        return isinstance(told, dict) and bool({"version", "code"} & set(told))
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()
