"""`python -m benchmarks.serving.bare_flask`: a view that does nothing, on the server that Endeavour runs on.

It takes the same settings from the environment: flags, workers and threads are those of Endeavour.
"""

from flask import Flask

from entrypoints.serving.on_granian import run
from entrypoints.settings import Settings

CONSTANT = '{"result":0.0}'


def bare() -> Flask:
    """Return the application."""
    app = Flask(__name__, static_folder=None)

    @app.post("/stream")
    def constant() -> str:
        return CONSTANT

    return app


if __name__ == "__main__":
    settings = Settings.from_environment()
    run(settings, settings.host, bare, lambda: None)
