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

from domain.model.prediction_input import ColumnInput, MatrixInput, PredictionInput
from entrypoints.web.protocols.open_inference.model_endpoint import MATRIX, RESULT
from entrypoints.web.protocols.open_inference.tensors import Tensor, tensor
from entrypoints.web.wire.problems import MAX_ERRORS
from entrypoints.web.wire.schemas import FieldError, member, strict, word

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
        raise ValidationError([FieldError("wrong_type", detail)])
    return value


def _inputs(most_rows: int, value: Any) -> PredictionInput:
    if not isinstance(value, list):
        raise ValidationError([FieldError("wrong_type", "must be a list of tensors")])
    if not value:
        raise ValidationError([FieldError("missing_field", "holds no tensor")])
    return _table([tensor(one, most_rows, f"[{number}]") for number, one in enumerate(value)])


def _table(tensors: list[Tensor]) -> PredictionInput:
    """Return `tensors` as one table, or raise `ValidationError`.

    A single tensor is the matrix of all features if it has several columns, under any name, since other servers let
    clients choose it. With one column it is known by its name alone.
    """
    first = tensors[0]
    if len(tensors) == 1 and (first.name == MATRIX or first.columns > 1):
        return MatrixInput(first.values.reshape(-1, 1) if first.values.ndim == 1 else first.values)
    if faults := list(islice(_faults_of_columns(tensors), MAX_ERRORS)):
        raise ValidationError(faults)
    return ColumnInput({one.name: one.values.reshape(-1) for one in tensors})


def _faults_of_columns(tensors: list[Tensor]) -> Iterator[FieldError]:
    seen: set[str] = set()
    for number, one in enumerate(tensors):
        if one.name in seen:
            yield FieldError("duplicate_key", "is the name of another tensor too", f"[{number}].name")
        if one.columns != 1:
            yield FieldError(
                "wrong_shape", "must be [rows] or [rows, 1] for the tensor of one feature", f"[{number}].shape"
            )
        if len(one.values) != len(tensors[0].values):
            yield FieldError("wrong_shape", "must have as many rows as the first tensor", f"[{number}].shape")
        seen.add(one.name)


def _outputs(value: Any) -> None:
    """Refuse all but the one output that the model has."""
    if not isinstance(value, list):
        raise ValidationError([FieldError("wrong_type", "must be a list of outputs")])
    found = chain.from_iterable(_faults_of_output(output, f"[{number}]") for number, output in enumerate(value))
    if faults := list(islice(found, MAX_ERRORS)):
        raise ValidationError(faults)


def _faults_of_output(output: Any, where: str) -> Iterator[FieldError]:
    if not isinstance(output, dict):
        yield FieldError("wrong_type", "must be an object with the key name", where)
        return
    for key in islice((key for key in output if key not in ("name", "parameters")), MAX_ERRORS):
        yield FieldError("unknown_field", "is not known; an output has a name and parameters", f"{where}.{word(key)}")
    if "name" not in output:
        yield FieldError("missing_field", "is missing", f"{where}.name")
    elif not isinstance(output["name"], str):
        yield FieldError("wrong_type", "must be a string", f"{where}.name")
    elif output["name"] != RESULT:
        yield FieldError("unknown_field", f"is not known; the only output is {RESULT}", f"{where}.name")
