"""ListModels: lists the versions of a store, and their roles."""

from dataclasses import dataclass
from typing import Literal

from domain.model.errors import CorruptModel, ModelNotFound
from domain.model.model_version import ModelVersion
from domain.ports import ModelStore

ModelRole = Literal["champion", "previous", ""]


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A version's name and role, and the version itself or, if it is corrupt, the problem."""

    name: str
    role: ModelRole
    version: ModelVersion | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ListModels:
    """List every version, oldest first; a corrupt one is listed with its problem."""

    store: ModelStore

    def __call__(self) -> tuple[ListedModel, ...]:
        """Return one entry for each version."""
        history = self.store.history()
        roles: dict[str | None, ModelRole] = {history.previous: "previous", history.champion: "champion"}
        names = self.store.versions()
        # Champion and previous version are listed even if their files are gone.
        lost = [name for name in (history.previous, history.champion) if name and name not in names]
        return tuple(self._listed(name, roles.get(name, "")) for name in (*lost, *names))

    def _listed(self, name: str, role: ModelRole) -> ListedModel:
        try:
            return ListedModel(name, role, self.store.load(name))
        except CorruptModel as error:
            return ListedModel(name, role, None, error.why)
        except ModelNotFound:
            return ListedModel(name, role, None, "its files are gone")
