"""Steps of the interpreter for a request: the part of its CPU time that a busy host does not change."""

import os
from collections.abc import Callable

import numpy as np
import orjson
import pytest
from werkzeug.test import EnvironBuilder

from adapters.memory.key_store import InMemoryKeyStore
from application.access.issue_key import IssueKey
from domain.access.api_key import Role
from domain.model.linear_model import LinearModel
from entrypoints.web.app import create_app
from entrypoints.web.wire.request_limits import RequestLimits
from tests.support.examples import SteppingClock
from tests.support.interpreter_steps import bytecodes, calls
from tests.support.web.dependencies import served_models, web_dependencies
from tests.support.web.open_inference import INFER, tensor

NAMES = tuple(f"x{number}" for number in range(10))
ROWS = 1_000
# By path and form of the rows: what a request takes on Python 3.11, and a twentieth more.
MAX_CALLS = {
    ("/stream", "object"): 205,
    ("/batch", "lists"): 247,
    ("/batch", "objects"): 248,
    (INFER, "tensor"): 274,
    ("/invocations", "lists"): 269,
}


def bodies(rows: int) -> dict[tuple[str, str], bytes]:
    """Return a body of so many rows, or of one for /stream, by path and form."""
    values = np.random.default_rng(5).normal(size=(rows, len(NAMES)))
    lists = values.tolist()
    objects = [dict(zip(NAMES, row, strict=True)) for row in lists]
    values_sent = {
        ("/stream", "object"): {"X": objects[0]},
        ("/batch", "lists"): {"X": lists},
        ("/batch", "objects"): {"X": objects},
        (INFER, "tensor"): {"inputs": [tensor(values.ravel().tolist(), values.shape)]},
        ("/invocations", "lists"): {"dataframe_split": {"columns": NAMES, "data": lists}},
    }
    return {place: orjson.dumps(value) for place, value in values_sent.items()}


@pytest.fixture
def asker() -> Callable[[str, bytes], Callable[[], object]]:
    """A function that returns the step of a request to an application that has answered the same."""
    web, store = web_dependencies(limits=RequestLimits(body_bytes=10**6, rows=3 * ROWS)), InMemoryKeyStore()
    key = IssueKey(store, SteppingClock(), os.urandom)("client", (Role.PREDICT,)).text
    web.active_keys.ring = store.ring()
    web.current_model.replace(served_models(LinearModel(np.arange(1.0, 11.0), 1.0, NAMES)))
    app = create_app(web)

    def ask(path: str, body: bytes) -> Callable[[], object]:
        sent = {"method": "POST", "data": body, "content_type": "application/json", "headers": {"X-API-Key": key}}
        first, second = (EnvironBuilder(path, **sent).get_environ() for _ in range(2))
        statuses: list[str] = []
        app(first, lambda status, _, __: statuses.append(status))
        assert statuses == ["200 OK"], path
        return lambda: app(second, lambda *_: None)

    return ask


def test_request_takes_no_more_calls_than_when_its_bound_was_set(asker):
    for (path, form), body in bodies(ROWS).items():
        counted = calls(asker(path, body))

        assert counted.total() <= MAX_CALLS[path, form], f"{path}, {form}: {counted.most_common()}"


def test_interpreter_takes_no_step_for_each_row(asker):
    few, many = bodies(ROWS), bodies(2 * ROWS)
    for path, form in few:
        more = bytecodes(asker(path, many[path, form])) - bytecodes(asker(path, few[path, form]))

        assert more < ROWS / 2, (path, form)
