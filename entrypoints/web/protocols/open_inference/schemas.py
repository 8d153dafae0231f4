"""Schema of a request for inference."""

import re
from collections.abc import Iterator
from functools import partial
from itertools import chain, islice
from typing import Any

from domain.model.prediction_input import ColumnInput, MatrixInput, PredictionInput
from entrypoints.web.protocols.open_inference.model_endpoint import MATRIX, RESULT
from entrypoints.web.protocols.open_inference.tensors import Tensor, read_tensor
from entrypoints.web.wire.intervals import level_in
from entrypoints.web.wire.object_schema import Field, FieldError, InvalidFieldError, ObjectSchema, safe_key
from entrypoints.web.wire.problems import MAX_ERRORS

# The response repeats the id: these characters do no harm in JSON, in HTML or in a log.
SAFE_ID = re.compile(r"[A-Za-z0-9 ._:/+=,@#|~-]{0,128}")


def inference_schema(max_rows: int, *, plain: bool) -> ObjectSchema:
    """Return the schema of `POST …/infer` with at most `max_rows` rows; `parameters` are loaded as the level.

    `plain` is for a model of plain numbers, whose tensors have no text, boolean and null.
    """
    fields = {
        "id": Field(_identifier),
        "parameters": Field(partial(level_in, place="parameters")),
        "inputs": Field(partial(_inputs, max_rows, plain=plain), null="must be a list of tensors", is_required=True),
        "outputs": Field(_outputs),
    }
    return ObjectSchema(
        fields,
        "is not known; the keys are id, parameters, inputs and outputs",
        "must be an object with the key inputs",
    )


def _identifier(value: Any) -> str:
    if not (isinstance(value, str) and SAFE_ID.fullmatch(value)):
        detail = "must be a string of at most 128 letters, digits, spaces and ._:/+=,@#|~-"
        raise InvalidFieldError(FieldError("wrong_type", detail))
    return value


def _inputs(max_rows: int, value: Any, *, plain: bool) -> PredictionInput:
    if not isinstance(value, list):
        raise InvalidFieldError(FieldError("wrong_type", "must be a list of tensors"))
    if not value:
        raise InvalidFieldError(FieldError("missing_field", "holds no tensor"))
    tensors = [read_tensor(one, max_rows, f"[{number}]", plain=plain) for number, one in enumerate(value)]
    return _prediction_input(tensors)


def _prediction_input(tensors: list[Tensor]) -> PredictionInput:
    """Return the rows of `tensors`, or raise `InvalidFieldError`.

    A single tensor of several columns is the matrix of all features under any name, because other servers let clients
    choose it. A single tensor of one column is the matrix, or the feature of its name.
    """
    first = tensors[0]
    if len(tensors) == 1 and (first.name == MATRIX or first.columns > 1):
        return MatrixInput(first.values.reshape(-1, 1) if first.values.ndim == 1 else first.values)
    if errors := list(islice(_column_errors(tensors), MAX_ERRORS)):
        raise InvalidFieldError(*errors)
    return ColumnInput({one.name: one.values.reshape(-1) for one in tensors})


def _column_errors(tensors: list[Tensor]) -> Iterator[FieldError]:
    seen: set[str] = set()
    for number, one in enumerate(tensors):
        if one.name in seen:
            yield FieldError("duplicate_key", "another tensor has the same name", f"[{number}].name")
        if one.columns != 1:
            yield FieldError(
                "wrong_shape", "must be [rows] or [rows, 1] for the tensor of one feature", f"[{number}].shape"
            )
        if len(one.values) != len(tensors[0].values):
            yield FieldError("wrong_shape", "must have as many rows as the first tensor", f"[{number}].shape")
        seen.add(one.name)


def _outputs(value: Any) -> None:
    """Raise `InvalidFieldError` for all but the one output of the model."""
    if not isinstance(value, list):
        raise InvalidFieldError(FieldError("wrong_type", "must be a list of outputs"))
    found = chain.from_iterable(_output_errors(output, f"[{number}]") for number, output in enumerate(value))
    if errors := list(islice(found, MAX_ERRORS)):
        raise InvalidFieldError(*errors)


def _output_errors(output: Any, where: str) -> Iterator[FieldError]:
    if not isinstance(output, dict):
        yield FieldError("wrong_type", "must be an object with the key name", where)
        return
    for key in islice((key for key in output if key not in ("name", "parameters")), MAX_ERRORS):
        yield FieldError(
            "unknown_field", "is not known; an output has a name and parameters", f"{where}.{safe_key(key)}"
        )
    if "name" not in output:
        yield FieldError("missing_field", "is missing", f"{where}.name")
    elif not isinstance(output["name"], str):
        yield FieldError("wrong_type", "must be a string", f"{where}.name")
    elif output["name"] != RESULT:
        yield FieldError("unknown_field", f"is not known; the only output is {RESULT}", f"{where}.name")
