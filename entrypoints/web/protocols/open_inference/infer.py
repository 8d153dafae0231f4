"""POST …/infer: tensors in, a tensor of predictions out."""

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request
from marshmallow import Schema

from application.serving.predict import Predict, Predictions
from domain.model.errors import InvalidRow, MissingFeature, UnknownFeature
from entrypoints.web.protocols.open_inference.model_endpoint import (
    DATATYPE,
    MATRIX,
    RESULT,
    ServedModelEndpoint,
    require_version,
)
from entrypoints.web.protocols.open_inference.schemas import inference_form
from entrypoints.web.wire.error_formats import OPEN_INFERENCE_PREFIX
from entrypoints.web.wire.json_body import Limits, read_json
from entrypoints.web.wire.problems import ProblemError
from entrypoints.web.wire.responses import predicted
from entrypoints.web.wire.schemas import loaded, of_record

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# With this header, tensors follow the JSON as bytes: the protocol's binary data extension.
BINARY = "HTTP_INFERENCE_HEADER_CONTENT_LENGTH"

# A tensor opens four lists and objects: itself, its shape, its data and its parameters. This is for a thousand of them.
OPEN_BESIDE_ROWS = 4_096


def inference(served: ServedModelEndpoint, predict: Predict, limits: Limits) -> Blueprint:
    """Return the route that predicts the rows of tensors, to the same bits as `/batch` does."""
    routes, form = Blueprint("open_inference", __name__, url_prefix=OPEN_INFERENCE_PREFIX), inference_form(limits.rows)
    routes.register_error_handler(InvalidRow, _of_record)

    @routes.post("/models/<name>/infer")
    @routes.post("/models/<name>/versions/<version>/infer")
    def infer(name: str, version: str | None = None) -> Response:
        served(name, version)
        asked = _posted(request.environ, form, limits)
        predictions = predict(asked["inputs"])
        require_version(predictions.snapshot, version)  # it may have been replaced since the first look
        return predicted(predictions, _body(served.name, predictions, asked.get("id")))

    return routes


def _posted(environ: "WSGIEnvironment", form: Schema, limits: Limits) -> dict[str, Any]:
    if BINARY in environ:
        raise ProblemError(415, "unsupported_media_type", "tensors in binary are not read; send their data as JSON")
    value, _ = read_json(environ, limits, OPEN_BESIDE_ROWS)
    asked: dict[str, Any] = loaded(form, value)
    return asked


def _body(model: str, predictions: Predictions, identifier: str | None) -> dict[str, object]:
    values = predictions.values
    body: dict[str, object] = {"model_name": model, "model_version": predictions.snapshot.version.name}
    if identifier is not None:
        body["id"] = identifier
    body["outputs"] = [{"name": RESULT, "datatype": DATATYPE, "shape": values.shape, "data": values}]
    return body


def _of_record(error: InvalidRow) -> Response:
    """Name the row and the feature as `/batch` does, or the tensor that is missing or not known."""
    is_tensor = isinstance(error, MissingFeature | UnknownFeature)
    return of_record(error, "inputs" if is_tensor else f"{MATRIX}[{error.row}]")
