"""Paired prediction: the predictions of both models of a rollout for one row, whose label is sent back later."""

from collections.abc import Sequence
from typing import NamedTuple

from application.serving.predict_rows import Predictions, predict_rows, predict_values
from domain.delivery.served_model import ServedModel
from domain.model.prediction_input import PredictionInput, Row


class PairedPrediction(NamedTuple):
    """Predictions of one row.

    Parameters
    ----------
    version : str
        The champion's; the one that answered if a rollout does not compare both, or the champion failed.
    champion : float
        The prediction of that version.
    other : float or None
        That of the model that the rollout compares with it; None if it failed.
    rollout : str
        Id of the rollout, empty without a comparison.
    """

    version: str
    champion: float
    other: float | None = None
    rollout: str = ""


def paired_prediction(
    predictions: Predictions, rows: Sequence[Row] | PredictionInput, reject_unseen: bool
) -> PairedPrediction:
    """Return both predictions of the only row; the model that did not answer predicts it now."""
    answered, compared = predictions.snapshot.version.name, predictions.compared
    value = predictions.values.item()
    if compared is None or compared.rollout is None:
        return PairedPrediction(answered, value)
    champion, rollout = compared.champion, compared.rollout
    if predictions.snapshot is champion:
        other = _value(rollout.challenger, predictions, rows, reject_unseen)
        return PairedPrediction(answered, value, other, rollout.rollout.id)
    of_champion = _value(champion, predictions, rows, reject_unseen)
    if of_champion is None:
        return PairedPrediction(answered, value)
    return PairedPrediction(champion.version.name, of_champion, value, rollout.rollout.id)


def _value(
    model: ServedModel, answered: Predictions, rows: Sequence[Row] | PredictionInput, reject_unseen: bool
) -> float | None:
    """Return the prediction of `model`, None if it fails; it shares the numbers of the answer if it reads the same."""
    encoding, other = model.version.model.encoding, answered.snapshot.version.model.encoding
    try:
        if encoding.is_plain and other.is_plain and encoding.feature_names == other.feature_names:
            return predict_values(model.version.model, answered.inputs).item()
        return predict_rows(model, rows, reject_unseen).values.item()
    except Exception:  # which must not reach the client, whose request the other model has answered
        return None
