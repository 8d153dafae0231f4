"""Console site: a server in this process whose state a test chooses, for a browser."""

import threading
from typing import Self

from werkzeug.serving import WSGIRequestHandler, make_server

from entrypoints.web.app import create_app
from entrypoints.web.dependencies import WebDependencies
from entrypoints.web.middleware.security_headers import CONSOLE_PAGE_HEADERS

# Chromium asks the site for /favicon.ico if a page names no icon.
INLINE = b"""<!doctype html><html lang="en"><title>Control</title><link rel="icon" href="mark.svg">
<p style="width:5%">A page that breaks the policy</p>"""


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_):
        pass


class ConsoleSite:
    """Serves the console of `web` at `address`, and at `control` a page that breaks the policy.

    While `answers` is not set, it takes requests and is silent.
    """

    def __init__(self) -> None:
        self.answers = threading.Event()
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=_Quiet)
        self.address = f"http://127.0.0.1:{self._server.server_port}/console/"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def show(self, web: WebDependencies) -> None:
        self.web, self._app = web, create_app(web)
        self.answers.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, environ, start_response):
        if environ["PATH_INFO"] == "/console/control":
            start_response("200 OK", [("Content-Type", "text/html"), *CONSOLE_PAGE_HEADERS])
            return [INLINE]
        self.answers.wait()
        return self._app(environ, start_response)
