"""Predict: predicts rows with the current model, or with the challenger of a rollout."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from application.serving.comparison_queue import ComparisonQueue
from application.serving.current_model import CurrentModel
from application.serving.paired_prediction import PairedPrediction, paired_prediction
from application.serving.predict_rows import Predictions, predict_rows
from application.serving.routing_request import RoutingRequest
from domain.delivery.routing import Role
from domain.delivery.served_model import ServedModel, ServedModels, ServedRollout
from domain.model.prediction_input import PredictionInput, Row

# To look up a member of an enumeration costs as much as to call a function.
CHAMPION, CHALLENGER, FALLBACK = Role


@dataclass(frozen=True, slots=True)
class Predict:
    """Predict all rows with one model, even if the current models are replaced meanwhile.

    Parameters
    ----------
    current : CurrentModel
    reject_unseen : bool
        Whether a text that the training rows lack is an error.
    comparisons : ComparisonQueue
        Takes the requests of a rollout, whose rows both models evaluate later.
    monotonic : callable
        The clock of `ServedRollout.trusted_until`.
    """

    current: CurrentModel
    reject_unseen: bool = False
    comparisons: ComparisonQueue = field(default_factory=ComparisonQueue)
    monotonic: Callable[[], float] = time.monotonic

    def __call__(self, rows: Sequence[Row] | PredictionInput, request: RoutingRequest) -> Predictions:
        """Return one prediction for each row; the key of `request` is computed during a rollout only.

        Raises
        ------
        InvalidRow
            If a row does not fit the model, or its prediction is not finite; `UnknownLevel` only if unseen levels are
            rejected.
        NoModelLoaded
            If nothing is loaded.
        """
        models = self.current.models
        if models.rollout is None:
            return predict_rows(models.champion, rows, self.reject_unseen)
        return self._routed(models, models.rollout, rows, request)

    def paired(self, predictions: Predictions, rows: Sequence[Row] | PredictionInput) -> PairedPrediction:
        """Return the prediction of the only row, and during a rollout that of the other model too."""
        return paired_prediction(predictions, rows, self.reject_unseen)

    def _routed(
        self,
        models: ServedModels,
        served: ServedRollout,
        rows: Sequence[Row] | PredictionInput,
        request: RoutingRequest,
    ) -> Predictions:
        """Return the predictions of the model that the request is routed to; the champion's if that fails."""
        pin, predictions = request.pin, None
        compared = models if pin is None and served.is_compared else None
        role = self._pinned(served, pin) if pin is not None else self._role(served, request.routing_key())
        if role is CHALLENGER:
            predictions = self._challenger_predictions(served.challenger, rows, compared)
            role = FALLBACK if predictions is None else role
        request.record_routing(served.rollout, role)
        try:
            return predictions or predict_rows(models.champion, rows, self.reject_unseen, role, compared)
        finally:
            if compared is not None:
                self.comparisons.offer(models.champion, served, rows, request.body_bytes)

    def _pinned(self, served: ServedRollout, pin: Role) -> Role:
        return CHAMPION if served.rollout.is_after_promotion else pin

    def _role(self, served: ServedRollout, key: str) -> Role:
        is_chosen = served.routing.is_challenger(key) and self.monotonic() < served.trusted_until
        return CHALLENGER if is_chosen else CHAMPION

    def _challenger_predictions(
        self, challenger: ServedModel, rows: Sequence[Row] | PredictionInput, compared: ServedModels | None
    ) -> Predictions | None:
        """Return the challenger's predictions, None if it fails in any way, which must not reach the client."""
        try:
            return predict_rows(challenger, rows, self.reject_unseen, CHALLENGER, compared)
        except Exception:
            return None
