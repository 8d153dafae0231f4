"""Model folder: code, weights as data, an example and requirements in the form of MLflow's models, without a pickle."""

from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

import mlflow
import pandas as pd  # type: ignore[import-untyped]  # it ships no annotations
import yaml  # type: ignore[import-untyped]  # it ships no annotations
from mlflow.models import Model, ModelSignature
from mlflow.types import DataType, ParamSchema, ParamSpec

from adapters.mlflow.names import WEIGHTS_PATH
from domain.model.example_cells import example_rows
from domain.model.model_version import ModelVersion

# A scoring server with other minor versions than the trainer's predicts the same.
_REQUIREMENTS = [f"mlflow=={mlflow.__version__}", "numpy>=2,<3", "pandas>=2.2.2"]

# The level of prediction intervals.
_PARAMS = ParamSchema([ParamSpec("interval", DataType.double, None)])

_CODE = Path(__file__).with_name("scoring_model.py")

# While it saves a model, MLflow keeps the model's code in a global variable.
_SAVING = Lock()


def write_model_folder(folder: Path, weights: bytes, version: ModelVersion, model_id: str) -> None:
    """Write the folder of a model, whose record is `weights`, with two plausible rows as its example."""
    encoding = version.model.encoding
    example = pd.DataFrame(example_rows(encoding, version.reference_predictions), columns=list(encoding.feature_names))
    with TemporaryDirectory(prefix="endeavour-") as scratch, _SAVING:
        source = Path(scratch) / Path(WEIGHTS_PATH).name
        source.write_bytes(weights)
        mlflow.pyfunc.save_model(
            path=str(folder),
            python_model=str(_CODE),
            artifacts={"weights": str(source)},
            mlflow_model=Model(model_id=model_id),
            # By a signature of types, MLflow refuses whole numbers and reads an empty text as "None".
            signature=ModelSignature(params=_PARAMS),
            input_example=example,
            pip_requirements=_REQUIREMENTS,
        )
    (folder / _CODE.name).chmod(0o600)  # MLflow copies the mode of the installed file
    _remove_absolute_paths(folder / "MLmodel")


def _remove_absolute_paths(description: Path) -> None:
    """Replace the absolute paths that MLflow writes down: loading looks at the file names alone."""
    content = yaml.safe_load(description.read_text())
    flavor = content["flavors"]["python_function"]
    flavor["model_code_path"] = Path(flavor["model_code_path"]).name
    flavor["artifacts"]["weights"]["uri"] = WEIGHTS_PATH
    description.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))
