"""Inference route: POST …/infer, tensors in and a tensor of predictions out."""

from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Blueprint, request

from application.serving.predict import Predict
from application.serving.predict_rows import Predictions
from domain.data.arrays import FloatArray
from domain.model.errors import InvalidRow, MissingFeature, UnknownFeature
from domain.model.prediction_input import ColumnInput, PredictionInput
from entrypoints.observability.request_context import context_of
from entrypoints.web.protocols.open_inference.model_endpoint import (
    DATATYPE,
    MATRIX,
    RESULT,
    URL_PREFIX,
    ServedModelEndpoint,
    require_version,
)
from entrypoints.web.protocols.open_inference.schemas import inference_schema
from entrypoints.web.wire.intervals import INTERVAL, predict_intervals
from entrypoints.web.wire.json_body import read_json_body
from entrypoints.web.wire.number_list import NumberPlaces
from entrypoints.web.wire.object_schema import ObjectSchema
from entrypoints.web.wire.prediction import NO_HEADERS, predict_and_record, prediction_response
from entrypoints.web.wire.problems import ProblemError
from entrypoints.web.wire.request_limits import RequestLimits
from entrypoints.web.wire.responses import JsonResponse

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# With this header, tensors follow the JSON as bytes: the protocol's binary data extension.
BINARY_HEADER = "HTTP_INFERENCE_HEADER_CONTENT_LENGTH"

# A tensor has four lists and objects: itself, its shape, its data and its parameters. This is for a thousand tensors.
MAX_OTHER_CONTAINERS = 4_096
DATA = NumberPlaces(("inputs", 0, "data"))


def infer_routes(endpoint: ServedModelEndpoint, predict: Predict, limits: RequestLimits) -> Blueprint:
    """Return the route that predicts the rows of tensors, to the same bits as `/batch` does."""
    routes = Blueprint("open_inference", __name__, url_prefix=URL_PREFIX)
    schemas = {plain: inference_schema(limits.rows, plain=plain) for plain in (True, False)}

    @routes.post("/models/<name>/infer")
    @routes.post("/models/<name>/versions/<version>/infer")
    def infer(name: str, version: str | None = None) -> JsonResponse:
        environ = request.environ
        served, pin = endpoint.find(name, version, may_operate=context_of(environ).may_operate)
        fields = _read_fields(environ, schemas[served.version.model.encoding.is_plain], limits)
        inputs, level = fields["inputs"], fields.get("parameters")
        about, bounds, headers = (environ, predict, inputs, partial(_row_place, inputs)), None, NO_HEADERS
        if level is None:
            predictions = predict_and_record(*about, pin)
        else:
            predictions, bounds, headers = predict_intervals(*about, level, pin)
        require_version(predictions.snapshot, version)  # a promotion may have replaced it since the first check
        body = _body(endpoint.name, predictions, fields.get("id"), bounds)
        return prediction_response(predictions, body, headers)

    return routes


def _read_fields(environ: "WSGIEnvironment", schema: ObjectSchema, limits: RequestLimits) -> dict[str, Any]:
    if BINARY_HEADER in environ:
        raise ProblemError(415, "unsupported_media_type", "tensors in binary are not read; send their data as JSON")
    return schema.load(read_json_body(environ, limits, MAX_OTHER_CONTAINERS, DATA))


def _body(
    model_name: str, predictions: Predictions, request_id: str | None, bounds: FloatArray | None
) -> dict[str, object]:
    values = predictions.values
    body: dict[str, object] = {"model_name": model_name, "model_version": predictions.snapshot.version.name}
    if request_id is not None:
        body["id"] = request_id
    outputs = [(RESULT, values)] if bounds is None else [(RESULT, values), (INTERVAL, bounds)]
    body["outputs"] = [
        {"name": name, "datatype": DATATYPE, "shape": data.shape, "data": data.ravel()} for name, data in outputs
    ]
    return body


def _row_place(tensors: PredictionInput, error: InvalidRow) -> str:
    """Return the place of the tensor that is missing or unknown, else that of the row, as on `/batch`."""
    names = tensors.by_name if isinstance(tensors, ColumnInput) else ()
    is_absent = isinstance(error, MissingFeature) and error.field not in names
    return "inputs" if is_absent or isinstance(error, UnknownFeature) else f"{MATRIX}[{error.row}]"
