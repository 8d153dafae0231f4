"""Arrow streams to the serving program: what they cost those who send none, and where pyarrow is missing."""

from pathlib import Path

import numpy as np
import pytest

from entrypoints.web.arrow.table import VALUE
from tests.entrypoints.serving.program import wait_until
from tests.entrypoints.web.arrow_streams import ARROW, column, result, stream, table

pytestmark = pytest.mark.e2e

# More than the server takes of JSON.
ROWS = 4 * 1024 * 1024 // VALUE + 1
NEVER = ("pandas", "mlflow", "sklearn", "matplotlib")


def libraries(program):
    """Return the compiled parts of packages that the worker has in memory."""
    (worker,) = program.workers()
    return Path(f"/proc/{worker}/maps").read_text()


def test_worker_imports_pyarrow_with_the_first_stream_and_pandas_never(ready):
    program, values = ready(workers=1), np.linspace(-0.1, 0.1, ROWS)
    assert program.ask("POST", "/batch", {"X": [0.1]})[0] == 200
    before = libraries(program)

    status, headers, body = program.ask("POST", "/batch", stream(table(bmi=values)), Content_Type=ARROW)

    assert (status, headers["content-type"], len(result(body))) == (200, ARROW, ROWS)
    assert "pyarrow" not in before
    assert "pyarrow" in libraries(program)
    assert not [name for name in NEVER if f"site-packages/{name}/" in libraries(program)]
    wait_until(lambda: ROWS in {line.get("rows") for line in program.logged("request")})


def test_server_without_pyarrow_names_the_extra_and_goes_on(ready, tmp_path):
    (tmp_path / "pyarrow.py").write_text("raise ImportError('not installed')")
    program = ready(workers=1, environment={"PYTHONPATH": str(tmp_path)})

    for _ in range(2):
        status, _, body = program.ask("POST", "/batch", stream(table(bmi=column([0.1]))), Content_Type=ARROW)
        assert (status, b"extra `arrow`" in body) == (415, True)
    assert program.ask("POST", "/batch", {"X": [0.1]})[0] == 200
