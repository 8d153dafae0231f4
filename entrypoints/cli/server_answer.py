"""Answer of a server: one GET of JSON, by a deadline and bounded, with an API key if the server asks for one."""

import json
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from domain.errors import BackendUnavailable

SECONDS = 5.0
MAX_BYTES = 1024 * 1024
KEY_REMEDY = "name a file with a key of the role view, operate or predict by --key-file"


class ServerUnavailable(BackendUnavailable):
    """A server does not answer, or with something else than its status."""


class NoServer(ServerUnavailable):
    """Nothing listens at the address, or it cannot be reached."""


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Return no request, so that a key goes to the server that was named only."""


def server_answer(url: str, path: str, key: str = "") -> dict[str, Any]:
    """Return the object that the server at `url`, http or https, answers a GET of `path` with.

    Raises
    ------
    ServerUnavailable
        If it does not answer so; `remedy` is set if it asks for a key.
    """
    headers = {"Accept": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
    request = Request(f"{url.rstrip('/')}{path}", headers=headers)  # noqa: S310  # the option takes http and https only
    place = urlsplit(url).netloc.rpartition("@")[2]
    try:
        with build_opener(_NoRedirects).open(request, timeout=SECONDS) as response:
            found = json.loads(response.read(MAX_BYTES))
    except HTTPError as error:
        remedy = KEY_REMEDY if error.code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN) else ""
        raise ServerUnavailable(place, f"it answers {error.code}", remedy) from error
    except TimeoutError as error:
        raise ServerUnavailable(place, f"no answer within {SECONDS:g} s") from error
    except (URLError, OSError) as error:
        raise NoServer(place, "the connection failed") from error
    except (ValueError, RecursionError) as error:
        raise ServerUnavailable(place, "its answer is not JSON") from error
    if not isinstance(found, dict):
        raise ServerUnavailable(place, "its answer is not an object of JSON")
    return found
