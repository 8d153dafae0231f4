"""Static files of the page at /docs, and their media types. The only code here runs in browsers."""

from collections.abc import Mapping

HTML_TYPE = "text/html"

# The files that the page /docs loads: those of flask-swagger-ui, and our own.
ASSETS: Mapping[str, str] = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
    "start.js": "text/javascript",
    "page.css": "text/css",
}
OWN_ASSETS = frozenset(("start.js", "page.css"))
CONSOLE = "console/"
# Addresses relative to the index, so that they hold below the path at which a proxy serves it.
INDEX: Mapping[str, str] = {
    "console": CONSOLE,
    "docs": "docs",
    "openapi": "openapi.json",
    "model": "model",
    "health": "health",
}
