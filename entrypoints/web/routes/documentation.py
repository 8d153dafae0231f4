"""Documentation routes: /, an index; /openapi.json; /docs, a page that shows it and loads files of this server only."""

import gzip
import hashlib
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import orjson
from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from application.access.active_keys import ActiveKeys
from application.serving.current_model import CurrentModel
from entrypoints.web.middleware.security_headers import PAGE_HEADERS, RESPONSE_HEADERS
from entrypoints.web.static import ASSETS, CONSOLE, HTML_TYPE, INDEX, OWN_ASSETS
from entrypoints.web.wire.body import JSON_TYPE
from entrypoints.web.wire.request_limits import RequestLimits

STATIC = "entrypoints.web.static"


def documentation_routes(
    current_model: CurrentModel, keys: ActiveKeys, limits: RequestLimits, model_name: str
) -> Blueprint:
    """Return the routes; the document is rendered once for each version of the model `model_name`."""
    routes, document = Blueprint("documentation", __name__), lru_cache(maxsize=1)(_document)

    @routes.get("/")
    def index() -> Response:
        # A client that prefers neither gets the first.
        if request.accept_mimetypes.best_match((JSON_TYPE, HTML_TYPE)) == HTML_TYPE:
            response = Response(status=303, headers={"Location": CONSOLE})
        else:
            response = Response(orjson.dumps(INDEX), content_type=JSON_TYPE)
        response.headers["Vary"] = "Accept"
        return response

    @routes.get("/openapi.json")
    def openapi() -> Response:
        version = current_model.snapshot.version
        about = (version.name, version.model.encoding, version.reference_predictions)
        highest = version.highest_level
        content = document(model_name, *about, limits, keys.ring is not None, highest)
        return Response(content, content_type=JSON_TYPE)

    @routes.get("/docs")
    def page() -> Response:
        return _file_response(STATIC, "page.html", HTML_TYPE)

    @routes.get("/docs/<name>")
    def asset(name: str) -> Response:
        if name not in ASSETS:
            raise NotFound
        place = (STATIC, name) if name in OWN_ASSETS else ("flask_swagger_ui", f"dist/{name}")
        return _file_response(*place, ASSETS[name])

    return routes


def _document(*about: Any) -> bytes:
    """Return the document; it takes a tenth of a second, and imports that most workers never need."""
    from entrypoints.web.openapi.document import render_document
    from entrypoints.web.openapi.operations import DocumentSubject

    return render_document(DocumentSubject(*about))


def _file_response(package: str, name: str, media_type: str) -> Response:
    """Return a file that was installed with `package`, compressed for a client that accepts it, or 304."""
    request.environ[RESPONSE_HEADERS] = PAGE_HEADERS
    compressed, tag = _compressed_file(package, name)
    response = Response(compressed, mimetype=media_type)
    if request.accept_encodings.quality("gzip"):
        response.content_encoding = "gzip"
    else:
        response.data = gzip.decompress(compressed)
    response.vary.add("Accept-Encoding")
    response.set_etag(tag, weak=True)
    response.make_conditional(request)
    return response


@cache
def _compressed_file(package: str, name: str) -> tuple[bytes, str]:
    """Return the file as gzip, and a digest of its content."""
    content = resources.files(package).joinpath(name).read_bytes()
    return gzip.compress(content, compresslevel=6, mtime=0), hashlib.sha256(content).hexdigest()[:16]
