"""Assets of the console: its style sheet, its script and its mark, each under one name.

A name with a digest would be 404 at a replica of another release, so browsers ask whether the file has changed.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from flask import Response, request

from entrypoints.web.middleware.security_headers import CONSOLE_FILE_HEADERS, RESPONSE_HEADERS

PACKAGE = "entrypoints.web.console"
TYPES: Mapping[str, str] = {"console.css": "text/css", "console.js": "text/javascript", "mark.svg": "image/svg+xml"}


def asset(name: str) -> Response:
    """Return one of the files, or 304 if the browser has it."""
    request.environ[RESPONSE_HEADERS] = CONSOLE_FILE_HEADERS
    content, tag = _file(name)
    response = Response(content, mimetype=TYPES[name])
    response.set_etag(tag)
    response.make_conditional(request)
    return response


@cache
def _file(name: str) -> tuple[bytes, str]:
    """Return the file, and a digest of its content."""
    content = resources.files(PACKAGE).joinpath("assets", name).read_bytes()
    return content, hashlib.sha256(content).hexdigest()[:16]
