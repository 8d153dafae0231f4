"""Whether a server could be started here, or is there already and answers."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

from entrypoints.diagnosis.finding import Finding, broken, good
from entrypoints.serving.address import CannotListen, listening_address, local_address
from entrypoints.settings import Settings

SUBJECT = "server"
MAX_SECONDS, MAX_BYTES = 2.0, 1024


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
    """Tell whether what listens there says how it is in the words of our own server."""
    connection = HTTPConnection(local_address(settings.host), settings.port, timeout=MAX_SECONDS)
    try:
        connection.request("GET", "/livez")
        answer = connection.getresponse()
        return answer.status == HTTPStatus.OK and json.loads(answer.read(MAX_BYTES)) == {"status": "ok"}
    except (OSError, HTTPException, ValueError):
        return False
    finally:
        connection.close()
