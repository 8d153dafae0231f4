"""`python -m benchmarks.serving.bare_flask`: a view that does nothing, on the server that Endeavour runs on.

It takes the same settings from the environment: flags, workers and threads are those of Endeavour. A second view reads
an Arrow stream and looks at each value once, which is the least that anybody can do who was sent one;
the body is taken from the server as Endeavour takes it.
"""

import numpy as np
from flask import Flask, request

from entrypoints.serving.on_granian import run
from entrypoints.settings import Settings
from entrypoints.web.body import taken

CONSTANT = '{"result":0.0}'


def bare() -> Flask:
    """Return the application."""
    app = Flask(__name__, static_folder=None)

    @app.post("/stream")
    def constant() -> str:
        return CONSTANT

    @app.post("/arrow")
    def read_arrow() -> str:
        touched(taken(request.environ["wsgi.input"], int(request.environ["CONTENT_LENGTH"])))
        return CONSTANT

    return app


def touched(body: bytes) -> float:
    """Read a stream and add up all its values, which need to be float64."""
    import pyarrow as pa

    table = pa.ipc.open_stream(pa.py_buffer(body)).read_all()
    chunks = [chunk for column in table.columns for chunk in column.chunks]
    return float(sum(np.frombuffer(chunk.buffers()[1], np.float64, len(chunk)).sum() for chunk in chunks))


if __name__ == "__main__":
    settings = Settings.from_environment()
    run(settings, settings.host, bare, lambda: None)
