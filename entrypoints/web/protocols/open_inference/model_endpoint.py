"""Model endpoint: the one served model, its metadata, the names of its input and output, and the format of errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from application.serving.current_model import CurrentModel
from domain.delivery.routing import Role
from domain.delivery.served_model import ServedModel
from domain.features.encoding import AnyColumn, Encoding
from entrypoints.git_revision import release
from entrypoints.web.protocols.open_inference.datatypes import DATATYPE_OF_KIND
from entrypoints.web.wire.body import JSON_TYPE
from entrypoints.web.wire.error_formats import ErrorFormat
from entrypoints.web.wire.problems import ProblemError

URL_PREFIX = "/v2"
# A tensor of all features, and the tensor of predictions; as in the requests and responses of the other routes.
MATRIX, RESULT = "X", "result"
DATATYPE, ANY_NUMBER = "FP64", -1
PROGRAM, PLATFORM = "endeavour", "endeavour_linear"
OR_BY_FEATURE = "or one tensor for each feature, with its name, of shape [-1] or [-1, 1]"


@dataclass(frozen=True, slots=True)
class ServedModelEndpoint:
    """The only model, under the name that it is registered by."""

    current_model: CurrentModel
    name: str

    def find(self, name: str, version: str | None, *, may_operate: bool) -> tuple[ServedModel, Role | None]:
        """Return the model that a request names, and its role if the request names a version.

        The challenger of a rollout can be named where `may_operate`. Without a version, the model is the champion; for
        a prediction, a rollout may choose the challenger.

        Raises
        ------
        NoModelLoaded
        ProblemError
            If the model has another name or version.
        """
        if name != self.name:
            raise ProblemError(404, "not_found", f"the only model here is {self.name}")
        models = self.current_model.models
        rollout = models.rollout
        if version is None:
            return models.champion, None
        has_challenger = may_operate and rollout is not None and not rollout.rollout.is_after_promotion
        if rollout and has_challenger and version == rollout.challenger.version.name:
            return rollout.challenger, Role.CHALLENGER
        require_version(models.champion, version)
        return models.champion, Role.CHAMPION


def require_version(served: ServedModel, version: str | None) -> None:
    """Raise `ProblemError` if the request names a `version` and `served` has another."""
    if version not in (None, served.version.name):
        raise ProblemError(404, "not_found", f"the only version served is {served.version.name}")


def server_metadata() -> dict[str, Any]:
    """Return the metadata of the server."""
    return {"name": PROGRAM, "version": release(), "extensions": []}


def takes_matrix(encoding: Encoding) -> bool:
    """Return whether all features are numbers, which one tensor can hold."""
    return set(encoding.kinds.values()) == {"number"}


def model_metadata(name: str, served: ServedModel) -> dict[str, Any]:
    """Return the metadata of the model that is served under `name`."""
    version, encoding = served.version, served.version.model.encoding
    if takes_matrix(encoding):
        features = encoding.feature_names
        shape = [ANY_NUMBER, len(features)]
        inputs = [_tensor(MATRIX, DATATYPE, shape, features=features, alternative=OR_BY_FEATURE)]
    else:
        inputs = list(map(_column_tensor, encoding.columns))
    return {
        "name": name,
        "versions": [version.name],
        "platform": PLATFORM,
        "inputs": inputs,
        "outputs": [_tensor(RESULT, DATATYPE, [ANY_NUMBER], target=version.lineage.target)],
    }


def _column_tensor(column: AnyColumn) -> dict[str, Any]:
    datatype = DATATYPE_OF_KIND[column.kind]
    return _tensor(column.name, datatype, [ANY_NUMBER], kind=column.kind, nullable=column.has_gaps)


def _tensor(name: str, datatype: str, shape: list[int], **parameters: Any) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": shape, "parameters": parameters}


def _inference_error(problem: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"error": problem["detail"], **problem}


# KServe's client shows no error of another media type than JSON.
OPEN_INFERENCE_ERRORS = ErrorFormat(JSON_TYPE, "InferenceError", _inference_error)
