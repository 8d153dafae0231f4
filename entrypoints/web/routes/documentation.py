"""Documentation routes: /, an index; /openapi.json; /docs, a page that shows it and loads files of this server only."""

import gzip
import hashlib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources

import orjson
from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from application.access.active_keys import ActiveKeys
from application.serving.current_model import CurrentModel
from entrypoints.web.middleware.security_headers import IS_PAGE
from entrypoints.web.wire.json_body import Limits
from entrypoints.web.wire.responses import JSON_TYPE

# The files that the page loads: some of the package's, and our own.
ASSETS: Mapping[str, str] = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
    "start.js": "text/javascript",
    "page.css": "text/css",
}
OURS = frozenset(("start.js", "page.css"))
# Addresses relative to the index, so that they hold below the path at which a proxy serves it.
INDEX: Mapping[str, str] = {"docs": "docs", "openapi": "openapi.json", "model": "model", "health": "health"}
HTML_TYPE = "text/html"


def routes(live: CurrentModel, keys: ActiveKeys, limits: Limits, name: str) -> Blueprint:
    """Return the routes; the document is made anew for each version of the model `name`."""
    routes, document = Blueprint("documentation", __name__), lru_cache(maxsize=1)(_document)

    @routes.get("/")
    def index() -> Response:
        # Of the two a client that prefers neither gets the first.
        if request.accept_mimetypes.best_match((JSON_TYPE, HTML_TYPE)) == HTML_TYPE:
            response = _file("entrypoints.web.static", "index.html", HTML_TYPE)
        else:
            response = Response(orjson.dumps(INDEX), content_type=JSON_TYPE)
        response.headers["Vary"] = "Accept"
        return response

    @routes.get("/openapi.json")
    def openapi() -> Response:
        version = live.snapshot.version
        content = document(name, version.name, version.model.feature_names, limits, keys.ring is not None)
        return Response(content, content_type=JSON_TYPE)

    @routes.get("/docs")
    def page() -> Response:
        return _file("entrypoints.web.static", "page.html", HTML_TYPE)

    @routes.get("/docs/<name>")
    def asset(name: str) -> Response:
        if name not in ASSETS:
            raise NotFound
        return _file(
            *(("entrypoints.web.static", name) if name in OURS else ("flask_swagger_ui", f"dist/{name}")),
            ASSETS[name],
        )

    return routes


def _document(name: str, version: str, features: tuple[str, ...], limits: Limits, keys_needed: bool) -> bytes:
    """Return the document; making it takes a tenth of a second, and imports that a worker can mostly do without."""
    from entrypoints.web.openapi.document import document
    from entrypoints.web.openapi.operations import ServedModelEndpoint

    return document(ServedModelEndpoint(name, version, features, limits.rows, limits.body, keys_needed))


def _file(package: str, name: str, kind: str) -> Response:
    """Return a file that was installed with `package`, compressed for a client that accepts it, or 304."""
    request.environ[IS_PAGE] = True
    compressed, tag = _compressed(package, name)
    response = Response(compressed, mimetype=kind)
    if request.accept_encodings.quality("gzip"):
        response.content_encoding = "gzip"
    else:
        response.data = gzip.decompress(compressed)
    response.vary.add("Accept-Encoding")
    response.set_etag(tag, weak=True)
    response.make_conditional(request)
    return response


@cache
def _compressed(package: str, name: str) -> tuple[bytes, str]:
    """Return the file as gzip, and a digest of its content."""
    content = resources.files(package).joinpath(name).read_bytes()
    return gzip.compress(content, compresslevel=6, mtime=0), hashlib.sha256(content).hexdigest()[:16]
