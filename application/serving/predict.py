"""Predict: predicts rows with the current model, or with the challenger of a rollout."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from application.serving.comparison_queue import ComparedRequest, ComparisonQueue
from application.serving.current_model import CurrentModel
from application.serving.paired_prediction import PairedPrediction, paired_prediction
from application.serving.predict_rows import Predictions, predict_rows
from application.serving.routing_request import KeyKind, RoutedRequest, RoutingRequest
from domain.delivery.routing import Role
from domain.delivery.served_model import ServedModel, ServedModels, ServedRollout
from domain.model.prediction_input import PredictionInput, Row

CHAMPION_ONLY = RoutingRequest("", KeyKind.PINNED, Role.CHAMPION, 0, lambda _: None)


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

    def __call__(
        self, rows: Sequence[Row] | PredictionInput, request: Callable[[], RoutingRequest] = lambda: CHAMPION_ONLY
    ) -> Predictions:
        """Return one prediction for each row; `request` is called during a rollout only.

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
            return predict_rows(models.champion, rows, reject_unseen=self.reject_unseen)
        return self._routed(models, models.rollout, rows, request())

    def paired(self, predictions: Predictions, rows: Sequence[Row] | PredictionInput) -> PairedPrediction:
        """Return the prediction of the only row, and during a rollout that of the other model too."""
        return paired_prediction(predictions, rows, reject_unseen=self.reject_unseen)

    def _routed(
        self,
        models: ServedModels,
        served: ServedRollout,
        rows: Sequence[Row] | PredictionInput,
        request: RoutingRequest,
    ) -> Predictions:
        """Return the predictions of the model that the request is routed to; the champion's if that fails."""
        role, predictions = self._role(served, request), None
        compared = models if served.rollout.is_compared and request.pin is None else None
        if role is Role.CHALLENGER:
            predictions = self._challenger_predictions(served.challenger, rows, compared)
            role = Role.FALLBACK if predictions is None else role
        request.record(RoutedRequest(served.rollout, request.kind, role))
        try:
            return predictions or self._predictions(models.champion, rows, role, compared)
        finally:
            if compared:
                self.comparisons.offer(ComparedRequest(models.champion, served, rows, request.body_bytes))

    def _role(self, served: ServedRollout, request: RoutingRequest) -> Role:
        if served.rollout.is_after_promotion:
            return Role.CHAMPION
        if request.pin is not None:
            return request.pin
        is_chosen = self.monotonic() < served.trusted_until and served.routing.is_challenger(request.key)
        return Role.CHALLENGER if is_chosen else Role.CHAMPION

    def _challenger_predictions(
        self, challenger: ServedModel, rows: Sequence[Row] | PredictionInput, compared: ServedModels | None
    ) -> Predictions | None:
        """Return the challenger's predictions, None if it fails in any way, which must not reach the client."""
        try:
            return self._predictions(challenger, rows, Role.CHALLENGER, compared)
        except Exception:
            return None

    def _predictions(
        self, model: ServedModel, rows: Sequence[Row] | PredictionInput, role: Role, compared: ServedModels | None
    ) -> Predictions:
        return predict_rows(model, rows, reject_unseen=self.reject_unseen, role=role, compared=compared)
