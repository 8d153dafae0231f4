"""What the form of a request for inference is.

The request is a Schema. Each tensor is looked at by a plain function: a Schema for it would cost 12 µs, and there may
be one for each feature.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any, cast

from marshmallow import RAISE, Schema, ValidationError
from marshmallow.fields import Field

from domain.design_matrix import Columns, Matrix, Table
from entrypoints.web.forms import Fault, word
from entrypoints.web.open_inference.tensors import Tensor, faults_of_parameters, tensor
from entrypoints.web.open_inference.vocabulary import MATRIX, RESULT
from entrypoints.web.problems import MOST_PLACES

# The only thing of a client's that is ever sent back: it can do no harm in JSON, in HTML or in a log.
HARMLESS = re.compile(r"[A-Za-z0-9 ._:/+=,@#|~-]{0,128}")


class Identifier(Field[str]):
    """The client's name for its request."""

    default_error_messages = {  # noqa: RUF012  # marshmallow's way to say it
        "invalid": [Fault("wrong_type", "must be a string of at most 128 letters, digits, spaces and ._:/+=,@#|~-")]
    }

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        del attr, data, kwargs
        if not (isinstance(value, str) and HARMLESS.fullmatch(value)):
            raise self.make_error("invalid")
        return value


class Parameters(Field[None]):
    """Parameters, of which none means anything here."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> None:
        del attr, data, kwargs
        if faults := list(faults_of_parameters(value, "")):
            raise ValidationError(faults)


class Inputs(Field[Table]):
    """One tensor of all features in the model's order, or one tensor for each feature, with its name."""

    default_error_messages = {  # noqa: RUF012  # as above
        "required": [Fault("missing_field", "is missing")],
        "null": [Fault("wrong_type", "must be a list of tensors")],
        "none": [Fault("missing_field", "holds no tensor")],
    }

    def __init__(self, most_rows: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most_rows = most_rows

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Table:
        del attr, data, kwargs
        if not isinstance(value, list):
            raise self.make_error("null")
        if not value:
            raise self.make_error("none")
        return table_of([self._tensor(number, one) for number, one in enumerate(value)])

    def _tensor(self, number: int, value: Any) -> Tensor:
        try:
            return tensor(value, self.most_rows)
        except ValidationError as error:
            faults = cast("list[Fault]", error.messages)
            raise ValidationError([fault._replace(where=f"[{number}]{fault.where}") for fault in faults]) from error


class Outputs(Field[None]):
    """The outputs that are asked for; the model has one."""

    default_error_messages = {  # noqa: RUF012  # as above
        "list": [Fault("wrong_type", "must be a list of outputs")]
    }

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> None:
        del attr, data, kwargs
        if not isinstance(value, list):
            raise self.make_error("list")
        found = chain.from_iterable(_faults_of_output(output, f"[{number}]") for number, output in enumerate(value))
        if faults := list(islice(found, MOST_PLACES)):
            raise ValidationError(faults)


class Inference(Schema):
    """The form of `POST …/infer`, but for its inputs."""

    class Meta:
        """Refuse what is not known."""

        unknown = RAISE

    error_messages = {  # noqa: RUF012  # as above
        "unknown": Fault("unknown_field", "is not known; the keys are id, parameters, inputs and outputs"),  # type: ignore[dict-item]  # a message may be any value
        "type": Fault("not_object", "must be an object with the key inputs"),  # type: ignore[dict-item]  # the same
    }

    id = Identifier(allow_none=True)
    parameters = Parameters(allow_none=True)
    outputs = Outputs(allow_none=True)


def inference_of(most_rows: int) -> Schema:
    """Return the form of `POST …/infer` with at most `most_rows` rows."""
    return Inference.from_dict({"inputs": Inputs(most_rows, required=True)}, name="InferenceOfRows")()


def members(request: Mapping[str, Any]) -> int:
    """Return how many values have a name in a request that is in order."""
    tensors = [*request["inputs"], *(request.get("outputs") or ())]
    objects = [request, *tensors, *(one.get("parameters") for one in (request, *tensors))]
    return sum(map(len, filter(None, objects)))


def table_of(tensors: list[Tensor]) -> Table:
    """Return `tensors` as what is predicted from, or raise `ValidationError`.

    A single tensor is the matrix of all features if it has several columns, whatever its name, since other servers let
    clients name it as they like. With one column it is known by its name alone.
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
    yield from faults_of_parameters(output.get("parameters"), f"{where}.parameters")
