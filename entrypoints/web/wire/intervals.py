"""Prediction intervals of a request: their level, and what they add to the response."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from application.serving.predict import Predict
from application.serving.predict_rows import Predictions
from domain.data.arrays import FloatArray
from domain.delivery.routing import Role
from domain.features.cells import NUMBER_TYPES
from domain.model.calibration import MAX_LEVEL, MIN_LEVEL
from domain.model.errors import IntervalNotFinite, IntervalUnavailable, InvalidRow
from domain.model.prediction_input import PredictionInput, Row
from entrypoints.observability.request_context import context_of
from entrypoints.web.wire.prediction import invalid_row_problem, predict_and_record, row_counts_header
from entrypoints.web.wire.problems import ErrorLocation, ProblemError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

INTERVAL = "interval"
"""Key of the level in a request, and of the bounds in a response."""


class PredictedIntervals(NamedTuple):
    """Predictions, and the bounds of the same model, shape (n_rows, 2); headers for the response."""

    predictions: Predictions
    bounds: FloatArray
    headers: Mapping[str, str]


def take_level(body: Any) -> float | None:
    """Return the level that a body asks for and remove it, None if it asks for none."""
    if type(body) is not dict or INTERVAL not in body:
        return None
    return read_level(body.pop(INTERVAL))


def level_in(parameters: Any, place: str) -> float | None:
    """Return the level among the parameters at `place`, None if there is none; other parameters are not read."""
    if type(parameters) is not dict or INTERVAL not in parameters:
        return None
    return read_level(parameters[INTERVAL], f"{place}.{INTERVAL}")


def read_level(value: Any, place: str = INTERVAL) -> float:
    """Return the value as a level, or raise `ProblemError` if it is no number from 0.5 to 0.99."""
    if type(value) not in NUMBER_TYPES:
        raise _wrong(400, "wrong_type", place, "must be a number")
    if not MIN_LEVEL <= value <= MAX_LEVEL:
        raise _wrong(422, "out_of_range", place, f"must be from {MIN_LEVEL:g} to {MAX_LEVEL:g}")
    return float(value)


def predict_intervals(
    environ: "WSGIEnvironment",
    predict: Predict,
    rows: Sequence[Row] | PredictionInput,
    row_place: Callable[[InvalidRow], str],
    level: float,
    pin: Role | None = None,
) -> PredictedIntervals:
    """Return predictions and their intervals; parameters and errors are those of `predict_and_record`.

    The champion answers where the challenger of a rollout has no interval, unless the client has chosen the challenger.

    Raises
    ------
    IntervalUnavailable
    """
    predictions = predict_and_record(environ, predict, rows, row_place, pin)
    try:
        return _with_intervals(predictions, level, row_place)
    except (IntervalUnavailable, ProblemError):
        if predictions.role is not Role.CHALLENGER or context_of(environ).pin is not None:
            raise
    predictions = predict_and_record(environ, predict, rows, row_place, Role.CHAMPION)
    return _with_intervals(predictions, level, row_place)


def extrapolation_header(extrapolations: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the header that counts, by column, the rows in each of the masks; none without masks."""
    counts = {name: int(rows.sum()) for name, rows in extrapolations.items()}
    return {"X-Extrapolating": row_counts_header(counts)} if counts else {}


def _with_intervals(
    predictions: Predictions, level: float, row_place: Callable[[InvalidRow], str]
) -> PredictedIntervals:
    try:
        bounds = predictions.intervals(level)
    except IntervalNotFinite as error:
        raise invalid_row_problem(error, row_place) from error
    return PredictedIntervals(predictions, bounds, extrapolation_header(predictions.extrapolations()))


def _wrong(status: int, code: str, place: str, detail: str) -> ProblemError:
    return ProblemError(status, code, f"{place} {detail}", [ErrorLocation(place, detail)])
