import hashlib
import json

import numpy as np
import pytest

from domain.dataset import Dataset
from domain.errors import NoMemory
from domain.memory_record import from_bytes, to_bytes
from domain.sgd import SGD
from tests.examples import a_table


def sealed(record: dict[str, object]) -> bytes:
    """Return the record as a file with the digest that its contents have."""
    contents = {name: value for name, value in record.items() if name != "digest"}
    digest = hashlib.sha256(json.dumps(contents, sort_keys=True).encode()).hexdigest()
    return json.dumps(contents | {"digest": digest}).encode()


def a_record() -> dict[str, object]:
    return json.loads(to_bytes(SGD().fit(a_table()).memory))


def test_memory_of_more_features_than_are_kept_is_none():
    assert to_bytes(SGD().fit(a_table(rows=600, features=513)).memory) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("schema", 2),
        ("rows", 0),
        ("rows", 2.5),
        ("rows", True),
        ("features", ["x0"]),
        ("coefficients", [1.0]),
        ("coefficients", [1.0, "2"]),
        ("intercept", None),
        ("loss", -1.0),
        ("loss", float("nan")),
        ("slope", [0.0, 0.0]),
        ("uncertainty", -0.1),
        ("uncertainty", float("inf")),
        ("mean", [0.0]),
        ("mean", [0.0, float("nan")]),
        ("factor", [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]),
        ("factor", [[1.0], [0.0]]),
        ("factor", [1.0, 0.0]),
        ("factor", 7),
        ("colour", "red"),
        ("coefficients", None),
    ],
)
def test_record_with_a_wrong_value_is_refused_with_what_to_do(name, value):
    with pytest.raises(NoMemory, match="train on all rows once"):
        from_bytes(sealed(a_record() | {name: value}), "run-1")


def test_record_that_was_changed_is_refused_even_if_it_could_be_right():
    changed = a_record() | {"intercept": 7.0}

    with pytest.raises(NoMemory, match="digest"):
        from_bytes(json.dumps(changed).encode(), "run-1")


def test_record_is_what_its_digest_says():
    record = a_record()

    assert from_bytes(sealed(record), "run-1").model.intercept == record["intercept"]


@pytest.mark.parametrize("name", a_record())
def test_record_without_one_of_its_values_is_refused(name):
    record = a_record()
    del record[name]

    with pytest.raises(NoMemory, match="cannot be used"):
        from_bytes(json.dumps(record).encode(), "run-1")


def test_memory_of_features_that_do_not_vary_reads_back():
    constant = Dataset(np.ones((50, 1)), np.arange(50.0), ("x",), "y")
    memory = SGD().fit(constant).memory

    found = from_bytes(to_bytes(memory), "run-1")

    assert found.spread.factor.shape == (0, 1)
    assert found.model == memory.model
