"""Rows that are alike are read at once, with the answers of rows that are read one by one, to the byte."""

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.model import prediction_input
from entrypoints.web.app import create_app
from entrypoints.web.wire import row_schemas
from tests.support.examples import a_model
from tests.support.interpreter_steps import calls
from tests.support.mixed_tables import TARGET, a_mixed_model
from tests.support.web.dependencies import served_models, web_dependencies

CELLS = (
    st.floats(-1e3, 1e3)
    | st.integers(-2, 2)
    | st.sampled_from((True, False, None, 1e301, 2**64 - 1, "1", " Bergen", "Oslo", "2024-05-01", "May", [], {}))
)
WITHOUT_TIME = ("2024-05-01", "2024-02-30", "0001-01-01")


@st.composite
def rows_of(draw, names):
    """Draw rows that have the same names as a rule, and cells of one kind in each column as a rule."""
    usual = draw(st.permutations(names))
    columns = {name: draw(st.sampled_from((st.floats(-1e3, 1e3), st.booleans(), CELLS))) for name in names}
    columns |= {name: st.sampled_from((*WITHOUT_TIME, None)) for name in names if name == "sold"}
    one = {name: draw(columns.get(name, CELLS)) for name in usual}
    rows = [one | {name: draw(columns[name]) for name in usual} for _ in range(draw(st.integers(1, 6)))]
    if draw(st.booleans()):
        place, name = draw(st.integers(0, len(rows) - 1)), draw(st.sampled_from((*names, TARGET, "age", " area")))
        changed = rows[place]
        rows[place] = draw(
            st.sampled_from(
                (
                    changed | {name: draw(CELLS)},
                    {key: cell for key, cell in changed.items() if key != name},
                    dict(reversed(changed.items())),
                    list(changed.values()),
                )
            )
        )
    return rows


def client_of(model):
    web = web_dependencies()
    web.current_model.replace(served_models(model))
    return create_app(web).test_client()


@pytest.mark.parametrize("model", [a_model(0.5, -0.1), a_mixed_model()], ids=["numbers", "mixed"])
def test_answers_are_the_same_for_rows_that_are_read_one_by_one(model, monkeypatch):
    client = client_of(model)

    def answer(path, value):
        found = client.post(path, json=value, headers={"X-Request-ID": "a"})
        return found.status, found.headers.get("X-Unseen-Levels"), found.headers.get("X-Filled-Values"), found.data

    @settings(max_examples=300)
    @given(rows_of(model.feature_names), st.sampled_from(("/batch", "/stream")))
    def require_same(rows, path):
        value = {"X": rows if path == "/batch" else rows[-1]}

        found = answer(path, value)

        with monkeypatch.context() as patched:
            for module in (prediction_input, row_schemas):
                patched.setattr(module, "uniform_cells", lambda *_: None)
            assert answer(path, value) == found

    require_same()


@pytest.mark.parametrize("path", ["/batch", "/invocations"])
def test_rows_that_are_alike_take_no_call_each(path):
    client, form = client_of(a_mixed_model()), {"/batch": "X", "/invocations": "dataframe_records"}[path]
    row = {"area": 80.5, "new": True, "home city": "Bergen", "sold": "2024-05-01"}

    def counted(rows):
        sent = orjson.dumps({form: [row, row | {"area": None, "sold": "2024-05-02T10:00"}] * rows})
        return calls(lambda: client.post(path, data=sent, content_type="application/json")).total()

    counted(1)
    assert counted(400) < counted(200) + 50
