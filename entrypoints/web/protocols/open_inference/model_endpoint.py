"""The one model that is served, its metadata, and the names of its one input and one output."""

from dataclasses import dataclass
from importlib.metadata import version as version_of
from typing import Any

from application.serving.current_model import CurrentModel
from domain.delivery.served_model import ServedModel
from entrypoints.web.wire.problems import ProblemError

# A tensor of all features, and the tensor of predictions; as in the requests and answers of the other routes.
MATRIX, RESULT = "X", "result"
DATATYPE, ANY_NUMBER = "FP64", -1
PROGRAM, PLATFORM = "endeavour", "endeavour_linear"
OR_BY_FEATURE = "or one tensor for each feature, with its name, of shape [-1] or [-1, 1]"


@dataclass(frozen=True, slots=True)
class ServedModelEndpoint:
    """The only model, under the name that it is registered by."""

    live: CurrentModel
    name: str

    def __call__(self, name: str, version: str | None) -> ServedModel:
        """Return what is served as `version` of `name`; raise `NoModelLoaded` or `ProblemError`."""
        if name != self.name:
            raise ProblemError(404, "not_found", f"the only model here is {self.name}")
        snapshot = self.live.snapshot
        require_version(snapshot, version)
        return snapshot


def require_version(snapshot: ServedModel, version: str | None) -> None:
    """Raise `ProblemError` if a `version` is asked for and `snapshot` is of another."""
    if version not in (None, snapshot.version.name):
        raise ProblemError(404, "not_found", f"the only version served is {snapshot.version.name}")


def of_server() -> dict[str, Any]:
    """Return the metadata of the server."""
    return {"name": PROGRAM, "version": version_of(PROGRAM), "extensions": []}


def of_model(name: str, snapshot: ServedModel) -> dict[str, Any]:
    """Return the metadata of the model that is served under `name`."""
    version, features = snapshot.version, snapshot.version.model.feature_names
    return {
        "name": name,
        "versions": [version.name],
        "platform": PLATFORM,
        "inputs": [_tensor(MATRIX, [ANY_NUMBER, len(features)], features=features, alternative=OR_BY_FEATURE)],
        "outputs": [_tensor(RESULT, [ANY_NUMBER], target=version.lineage.target)],
    }


def _tensor(name: str, shape: list[int], **parameters: Any) -> dict[str, Any]:
    return {"name": name, "datatype": DATATYPE, "shape": shape, "parameters": parameters}
