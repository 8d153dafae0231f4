"""Try row: predicts one row with the champion and the challenger, and explains the prediction; counts nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from application.serving.current_model import CurrentModel
from application.serving.predict_rows import Predictions, predict_rows
from domain.delivery.served_model import ServedModel
from domain.features.cells import EXPECTED, NUMBER_TYPES, Cell
from domain.model.errors import IntervalUnavailable, InvalidRow, WrongKind
from domain.model.explanation import Explanation
from domain.model.leverage import error_scale
from domain.model.model_version import ModelVersion
from domain.model.prediction_intervals import prediction_intervals
from domain.model.score_intervals import Interval

# Share of the intervals that hold the true value.
LEVEL = 0.9


@dataclass(frozen=True, slots=True)
class Trial:
    """Prediction of one version.

    Parameters
    ----------
    version : ModelVersion
    prediction : float
        In target units.
    interval : Interval or None
        At the level of 0.9; None if the version has none.
    why_no_interval : str
        Empty if there is one.
    scale : float
        How many times as wide the interval is as that of a row in the middle of the training rows.
    """

    version: ModelVersion
    prediction: float
    interval: Interval | None = None
    why_no_interval: str = ""
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class TriedRow:
    """Predictions of a row.

    Parameters
    ----------
    champion : Trial
    explanation : Explanation
        Of the champion's prediction.
    outside : tuple of str
        Columns with a value beyond the range of the training rows, or a text that those did not have.
    challenger : Trial or None
        None without a rollout, and if it fails.
    challenger_problem : str
        Why the challenger fails; empty if it does not.
    """

    champion: Trial
    explanation: Explanation
    outside: tuple[str, ...] = ()
    challenger: Trial | None = None
    challenger_problem: str = ""


@dataclass(frozen=True, slots=True)
class TryRow:
    """Predict a row beside the traffic: no request is counted, and no rollout compares it."""

    current: CurrentModel
    reject_unseen: bool = False

    def __call__(self, row: Mapping[str, Cell]) -> TriedRow:
        """Return the predictions of the row.

        Raises
        ------
        InvalidRow
            If the row does not fit the champion, or its prediction or explanation is not finite.
        NoModelLoaded
            If nothing is loaded.
        """
        models = self.current.models
        predictions = self._predict(models.champion, row)
        challenger, problem = self._challenger(models.rollout.challenger if models.rollout else None, row)
        outside = tuple(predictions.extrapolations())
        return TriedRow(_trial(predictions), predictions.explain(), outside, challenger, problem)

    def _challenger(self, challenger: ServedModel | None, row: Mapping[str, Cell]) -> tuple[Trial | None, str]:
        if challenger is None:
            return None, ""
        try:
            return _trial(self._predict(challenger, row)), ""
        except InvalidRow as error:
            return None, error.why

    def _predict(self, served: ServedModel, row: Mapping[str, Cell]) -> Predictions:
        """Return the prediction of a row whose cells may be of any type."""
        if served.version.model.encoding.is_plain:
            wrong = next((name for name, cell in row.items() if type(cell) not in NUMBER_TYPES), None)
            if wrong is not None:
                raise WrongKind([0], wrong, EXPECTED["number"])
        return predict_rows(served, [row], self.reject_unseen)


def _trial(predictions: Predictions) -> Trial:
    version = predictions.snapshot.version
    prediction = predictions.values.item()
    try:
        low, high = prediction_intervals(version, predictions.inputs, LEVEL)[0].tolist()
    except (IntervalUnavailable, InvalidRow) as error:
        return Trial(version, prediction, None, error.why)
    scale = float(error_scale(version.model.encoding, version.moments, predictions.inputs)[0])
    return Trial(version, prediction, Interval(low, high), scale=scale)
