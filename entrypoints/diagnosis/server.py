"""Whether a server could be started here, or is there already and answers."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from http.client import HTTPException

from entrypoints.diagnosis.finding import Finding, broken, good
from entrypoints.serving.address import CannotListen, listening_address
from entrypoints.serving.itself import ask
from entrypoints.settings import Settings

SUBJECT = "server"


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
    try:
        status, body = ask(settings, "/livez")
        return status == HTTPStatus.OK and json.loads(body) == {"status": "ok"}
    except (OSError, HTTPException, ValueError):
        return False
