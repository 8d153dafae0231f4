"""Metadata of the server and of the model, and the names of the model's one input and one output."""

from importlib.metadata import version as version_of
from typing import Any

from domain.snapshot import Snapshot

# A tensor of all features, and the tensor of predictions; as in the requests and answers of the other routes.
MATRIX, RESULT = "X", "result"
DATATYPE, ANY_NUMBER = "FP64", -1
PROGRAM, PLATFORM = "endeavour", "endeavour_linear"
OR_BY_FEATURE = "or one tensor for each feature, with its name, of shape [-1] or [-1, 1]"


def of_server() -> dict[str, Any]:
    """Return the metadata of the server."""
    return {"name": PROGRAM, "version": version_of(PROGRAM), "extensions": []}


def of_model(name: str, snapshot: Snapshot) -> dict[str, Any]:
    """Return the metadata of the model that is served under `name`."""
    version, features = snapshot.version, snapshot.version.model.feature_names
    return {
        "name": name,
        "versions": [version.name],
        "platform": PLATFORM,
        "inputs": [
            {
                "name": MATRIX,
                "datatype": DATATYPE,
                "shape": [ANY_NUMBER, len(features)],
                "parameters": {"features": features, "alternative": OR_BY_FEATURE},
            }
        ],
        "outputs": [
            {
                "name": RESULT,
                "datatype": DATATYPE,
                "shape": [ANY_NUMBER],
                "parameters": {"target": version.lineage.target},
            }
        ],
    }
