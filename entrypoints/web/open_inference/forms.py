"""The form of a request for inference.

Each tensor is validated by a plain function: a Schema for it would cost 12 µs, and there may be one for each feature.
"""

import re
from collections.abc import Iterator
from functools import partial
from itertools import chain, islice
from typing import Any

from marshmallow import Schema, ValidationError
from marshmallow.fields import Function

from domain.design_matrix import Columns, Matrix, Table
from entrypoints.web.forms import Fault, member, strict, word
from entrypoints.web.open_inference.metadata import MATRIX, RESULT
from entrypoints.web.open_inference.tensors import Tensor, tensor
from entrypoints.web.problems import MOST_PLACES

# An id is sent back: these characters do no harm in JSON, in HTML or in a log.
HARMLESS = re.compile(r"[A-Za-z0-9 ._:/+=,@#|~-]{0,128}")


def inference_form(most_rows: int) -> Schema:
    """Return the form of `POST …/infer` with at most `most_rows` rows; parameters mean nothing and are not read."""
    members = {
        "id": member(_identifier, allow_none=True),
        "parameters": Function(allow_none=True),
        "inputs": member(partial(_inputs, most_rows), null="must be a list of tensors", required=True),
        "outputs": member(_outputs, allow_none=True),
    }
    return strict(
        members,
        "is not known; the keys are id, parameters, inputs and outputs",
        "must be an object with the key inputs",
    )


def _identifier(value: Any) -> str:
    if not (isinstance(value, str) and HARMLESS.fullmatch(value)):
        detail = "must be a string of at most 128 letters, digits, spaces and ._:/+=,@#|~-"
        raise ValidationError([Fault("wrong_type", detail)])
    return value


def _inputs(most_rows: int, value: Any) -> Table:
    if not isinstance(value, list):
        raise ValidationError([Fault("wrong_type", "must be a list of tensors")])
    if not value:
        raise ValidationError([Fault("missing_field", "holds no tensor")])
    return _table([tensor(one, most_rows, f"[{number}]") for number, one in enumerate(value)])


def _table(tensors: list[Tensor]) -> Table:
    """Return `tensors` as one table, or raise `ValidationError`.

    A single tensor is the matrix of all features if it has several columns, under any name, since other servers let
    clients choose it. With one column it is known by its name alone.
    """
    first = tensors[0]
    if len(tensors) == 1 and (first.name == MATRIX or first.columns > 1):
        return Matrix(first.values.reshape(-1, 1) if first.values.ndim == 1 else first.values)
    if faults := list(islice(_faults_of_columns(tensors), MOST_PLACES)):
        raise ValidationError(faults)
    return Columns({one.name: one.values.reshape(-1) for one in tensors})


def _faults_of_columns(tensors: list[Tensor]) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, one in enumerate(tensors):
        if one.name in seen:
            yield Fault("duplicate_key", "is the name of another tensor too", f"[{number}].name")
        if one.columns != 1:
            yield Fault("wrong_shape", "must be [rows] or [rows, 1] for the tensor of one feature", f"[{number}].shape")
        if len(one.values) != len(tensors[0].values):
            yield Fault("wrong_shape", "must have as many rows as the first tensor", f"[{number}].shape")
        seen.add(one.name)


def _outputs(value: Any) -> None:
    """Refuse all but the one output that the model has."""
    if not isinstance(value, list):
        raise ValidationError([Fault("wrong_type", "must be a list of outputs")])
    found = chain.from_iterable(_faults_of_output(output, f"[{number}]") for number, output in enumerate(value))
    if faults := list(islice(found, MOST_PLACES)):
        raise ValidationError(faults)


def _faults_of_output(output: Any, where: str) -> Iterator[Fault]:
    if not isinstance(output, dict):
        yield Fault("wrong_type", "must be an object with the key name", where)
        return
    for key in islice((key for key in output if key not in ("name", "parameters")), MOST_PLACES):
        yield Fault("unknown_field", "is not known; an output has a name and parameters", f"{where}.{word(key)}")
    if "name" not in output:
        yield Fault("missing_field", "is missing", f"{where}.name")
    elif not isinstance(output["name"], str):
        yield Fault("wrong_type", "must be a string", f"{where}.name")
    elif output["name"] != RESULT:
        yield Fault("unknown_field", f"is not known; the only output is {RESULT}", f"{where}.name")
