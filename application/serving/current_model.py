"""Current model: the model that a worker predicts with now, and the one that a rollout compares with it."""

from domain.delivery.errors import NoModelLoaded
from domain.delivery.served_model import ServedModel, ServedModels


class CurrentModel:
    """One reference to immutable models; replacing it is a single assignment, so no request sees half of it."""

    def __init__(self) -> None:
        self._models: ServedModels | None = None
        self._why = "this worker has not looked for one yet"

    @property
    def is_loaded(self) -> bool:
        """Whether there is a model to answer with."""
        return self._models is not None

    @property
    def models(self) -> ServedModels:
        """The models to answer with now; raises `NoModelLoaded` with the reason if there are none."""
        models = self._models
        if models is None:
            raise NoModelLoaded(self._why)
        return models

    @property
    def snapshot(self) -> ServedModel:
        """The champion now; raises `NoModelLoaded` with the reason if there is none."""
        return self.models.champion

    def replace(self, models: ServedModels) -> bool:
        """Serve `models` from now on; return whether the champion changes."""
        changed = self._models is None or models.champion != self._models.champion
        self._models = models
        return changed

    def withdraw(self, why: str) -> bool:
        """Serve no model from now on because of `why`; return whether the champion or the reason changes."""
        changed = self._models is not None or why != self._why
        self._why, self._models = why, None  # in this order: a reader without a model finds the new reason
        return changed
