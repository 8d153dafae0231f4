"""A model version as plain dicts, lists, strings and numbers, and back: what every store writes in its own format.

The way back trusts nothing: exact keys, exact types, texts of bounded length, finite numbers, a digest that must match,
and golden rows that must be predicted as they were when the model was made. No error repeats a refused value, because
it may be so long, or hold itself so often, that writing it down never ends.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from domain.data.column_names import MAX_NAME_CHARACTERS, steers
from domain.model.errors import CorruptModel
from domain.model.linear_model import LinearModel
from domain.model.model_version import Lineage, ModelVersion
from domain.model.moments import MAX_FEATURES, Moments
from domain.model.reference_predictions import MAX_ROWS, ReferencePredictions
from domain.model.scores import Scores
from domain.schema_version import require_schema

# Any change of the keys, also one that only adds a key, takes another number: older versions then name the cause.
SCHEMA = 1

Record = dict[str, Any]


def to_record(version: ModelVersion) -> Record:
    """Return `version` as plain values; floats stay floats, so a format that keeps them exactly loses nothing."""
    model, golden = version.model, version.reference_predictions
    record = {
        "schema": SCHEMA,
        "name": version.name,
        "features": list(model.feature_names),
        "coefficients": model.coefficients.tolist(),
        "intercept": model.intercept,
        "digest": model.digest,
        "lineage": asdict(version.lineage) | {"created_at": version.lineage.created_at.isoformat()},
    }
    if golden:
        record["golden"] = {"rows": golden.rows.tolist(), "predictions": golden.predictions.tolist()}
    if version.moments:
        record["moments"] = _of_moments(version.moments)
    return record


def _of_moments(moments: Moments) -> Record:
    triangle = [row[place:] for place, row in enumerate(moments.factor.tolist())]
    return asdict(moments) | {"mean": moments.mean.tolist(), "factor": triangle}


def from_record(record: object, name: str) -> ModelVersion:
    """Return the version that `record` describes, which was kept under `name`.

    Raises
    ------
    CorruptModel
        If anything in it is not exactly as `to_record` writes it, or the model does not predict its golden rows.
    """
    try:
        return _version(record, name)
    except (ValueError, OverflowError) as error:
        raise CorruptModel(name, str(error)) from error


def _version(record: object, name: str) -> ModelVersion:
    if isinstance(record, dict):
        require_schema(record.get("schema"), SCHEMA, "promote a model that this version has trained")
    required = ("schema", "name", "features", "coefficients", "intercept", "digest", "lineage")
    fields = _fields(record, *required, optional=("golden", "moments"))
    if _number(fields["schema"]) != SCHEMA:
        raise ValueError(f"its schema is not {SCHEMA}")
    if _text(fields["name"]) != name:
        raise ValueError("it calls itself by another name")
    features = tuple(map(_text, _list(fields["features"])))
    model = LinearModel(_numbers(fields["coefficients"]), _number(fields["intercept"]), features)  # type: ignore[arg-type]  # a list is array_like
    if model.digest != fields["digest"]:
        raise ValueError("its weights are not those its digest was made of")
    golden = _golden(fields["golden"], model) if "golden" in fields else None
    moments = _moments(fields["moments"], len(features)) if "moments" in fields else None
    return ModelVersion(name, model, _lineage(fields["lineage"]), golden, moments)


def _golden(record: object, model: LinearModel) -> ReferencePredictions:
    fields = _fields(record, "rows", "predictions")
    # One more than there may be, since a pickle of a megabyte can hold the same long row a hundred thousand times.
    rows = list(map(_numbers, _list(fields["rows"])[: MAX_ROWS + 1]))
    golden = ReferencePredictions(rows, _numbers(fields["predictions"]))  # type: ignore[arg-type]  # lists are array_like
    if wrong := golden.mismatch(model):
        raise ValueError(wrong)
    return golden


def _moments(record: object, columns: int) -> Moments:
    fields = _fields(record, "rows", "measured_rows", "mean", "factor", "residual_variance")
    mean, triangle = _list(fields["mean"]), list(map(_list, _list(fields["factor"])))
    # Lengths come first, since a pickle of a megabyte can hold the same long row a hundred thousand times.
    if columns > MAX_FEATURES or len(mean) != columns or list(map(len, triangle)) != list(range(columns, 0, -1)):
        raise ValueError("its moments are those of other features")
    variance = fields["residual_variance"]
    return Moments(
        rows=_count(fields["rows"]),
        measured_rows=_count(fields["measured_rows"]),
        mean=_numbers(mean),  # type: ignore[arg-type]  # a list is array_like
        factor=[[0.0] * place + _numbers(row) for place, row in enumerate(triangle)],  # type: ignore[arg-type]  # lists are array_like
        residual_variance=None if variance is None else _number(variance),
    )


def _lineage(record: object) -> Lineage:
    texts = ("run_id", "target", "data_fingerprint", "code_revision")
    fields = _fields(record, *texts, "scores", "settings", "created_at")
    scores = _fields(fields["scores"], "r2", "mse", "rmse", "mae")
    return Lineage(
        **{name: _text(fields[name]) for name in texts},
        scores=Scores(**{name: _number(value) for name, value in scores.items()}),
        settings=_settings(fields["settings"]),
        created_at=datetime.fromisoformat(_text(fields["created_at"])).astimezone(UTC),
    )


def _fields(record: object, *names: str, optional: tuple[str, ...] = ()) -> Mapping[str, object]:
    if not isinstance(record, dict) or not set(names) <= set(record) <= {*names, *optional}:
        raise ValueError(f"it does not hold exactly {', '.join(names)}")
    return record


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"a {type(value).__name__} stands where a list should")
    return value


def _numbers(value: object) -> list[float]:
    return list(map(_number, _list(value)))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"a {type(value).__name__} stands where text should")
    if steers(value):
        raise ValueError("a text in it has a control character")
    if len(value) > MAX_NAME_CHARACTERS:
        raise ValueError(f"a text of {len(value)} characters stands where {MAX_NAME_CHARACTERS} are allowed")
    return value


def _number(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError(f"a {type(value).__name__} stands where a number should")
    if not math.isfinite(value):
        raise ValueError(f"{value} stands where a finite number should")
    return float(value)


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"a {type(value).__name__} stands where a count should")
    return int(_number(value))


def _settings(value: object) -> Mapping[str, str | int | float | bool | None]:
    if not isinstance(value, dict):
        raise ValueError("its settings are no mapping")
    for key, setting in value.items():
        _text(key)
        if not isinstance(setting, str | int | float | bool | None):
            raise ValueError(f"one of its settings is a {type(setting).__name__}")
        if isinstance(setting, float) and not math.isfinite(setting):
            raise ValueError(f"one of its settings is {setting}")
    return value
