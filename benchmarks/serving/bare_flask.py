"""`python -m benchmarks.serving.bare_flask`: a constant view with the WSGI server, flags and workers of Endeavour."""

from flask import Flask

from entrypoints.server.granian_server import run
from entrypoints.settings import Settings


def bare() -> Flask:
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/stream", view_func=lambda: '{"result":0.0}', methods=["POST"])
    return app


settings = Settings.from_environment()
run(settings, settings.host, bare, lambda: None)
