"""Serialization of a model version: to plain values that every store writes in its own format, and from them.

Reading validates everything: keys, types, lengths of texts, finite numbers, the digest, and the reference predictions.
Error messages never contain a rejected value, because it may be huge or refer to itself.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from domain.data.column_names import MAX_NAME_CHARACTERS, has_control_character
from domain.model.errors import CorruptModel
from domain.model.linear_model import LinearModel
from domain.model.model_version import Lineage, ModelVersion
from domain.model.moments import MAX_FEATURES, Moments
from domain.model.reference_predictions import MAX_ROWS, ReferencePredictions
from domain.model.scores import Scores
from domain.schema_version import require_schema

# Any change of the keys, also an added one, takes another number, so that older versions name the cause.
# Number 2 added the moments.
SCHEMA = 2
READABLE_SCHEMAS = (1, 2)

Record = dict[str, Any]


def to_record(version: ModelVersion) -> Record:
    """Return `version` as dicts, lists, strings and numbers; a format that keeps floats exactly loses nothing."""
    model, lineage, reference = version.model, version.lineage, version.reference_predictions
    record = {
        "schema": SCHEMA,
        "name": version.name,
        "features": list(model.feature_names),
        "coefficients": model.coefficients.tolist(),
        "intercept": model.intercept,
        "digest": model.digest,
        "lineage": asdict(lineage) | {"scores": lineage.scores.as_dict(), "created_at": lineage.created_at.isoformat()},
    }
    if reference:
        record["golden"] = {"rows": reference.rows.tolist(), "predictions": reference.predictions.tolist()}
    if version.moments:
        record["moments"] = _from_moments(version.moments)
    return record


def _from_moments(moments: Moments) -> Record:
    triangle = [row[place:] for place, row in enumerate(moments.factor.tolist())]
    return asdict(moments) | {"mean": moments.mean.tolist(), "factor": triangle}


def from_record(record: object, name: str) -> ModelVersion:
    """Return the version that was kept as `record` under `name`.

    Raises
    ------
    CorruptModel
        If a value differs from the form that `to_record` writes, or a prediction from its reference.
    """
    try:
        return _version(record, name)
    except (ValueError, OverflowError) as error:
        raise CorruptModel(name, str(error)) from error


def _version(record: object, name: str) -> ModelVersion:
    if isinstance(record, dict):
        require_schema(record.get("schema"), READABLE_SCHEMAS, "promote a model that this version has trained")
    required = ("schema", "name", "features", "coefficients", "intercept", "digest", "lineage")
    fields = _fields(record, *required, optional=("golden", "moments"))
    if _count(fields["schema"]) not in READABLE_SCHEMAS:
        raise ValueError("its schema number is invalid")
    if _text(fields["name"]) != name:
        raise ValueError("its name is not that of the version")
    features = tuple(map(_text, _list(fields["features"])))
    model = LinearModel(_numbers(fields["coefficients"]), _number(fields["intercept"]), features)  # type: ignore[arg-type]  # a list is array_like
    if model.digest != fields["digest"]:
        raise ValueError("its digest is not that of its weights")
    reference = _reference(fields["golden"], model) if "golden" in fields else None
    moments = _moments(fields["moments"], len(features)) if "moments" in fields else None
    return ModelVersion(name, model, _lineage(fields["lineage"]), reference, moments)


def _reference(record: object, model: LinearModel) -> ReferencePredictions:
    fields = _fields(record, "rows", "predictions")
    # Only one row above the limit is read, because a small pickle can hold one long row a hundred thousand times.
    rows = list(map(_numbers, _list(fields["rows"])[: MAX_ROWS + 1]))
    reference = ReferencePredictions(rows, _numbers(fields["predictions"]))  # type: ignore[arg-type]  # lists are array_like
    if mismatch := reference.mismatch(model):
        raise ValueError(mismatch)
    return reference


def _moments(record: object, columns: int) -> Moments:
    fields = _fields(record, "rows", "measured_rows", "mean", "factor", "residual_variance")
    mean, triangle = _list(fields["mean"]), list(map(_list, _list(fields["factor"])))
    # Lengths are checked first, because a small pickle can hold one long row a hundred thousand times.
    if columns > MAX_FEATURES or len(mean) != columns or list(map(len, triangle)) != list(range(columns, 0, -1)):
        raise ValueError("its moments do not fit its features")
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
    scores = _mapping(fields["scores"])
    return Lineage(
        **{name: _text(fields[name]) for name in texts},
        scores=Scores.from_dict({_text(name): _number(value) for name, value in scores.items()}),
        settings=_settings(fields["settings"]),
        created_at=datetime.fromisoformat(_text(fields["created_at"])).astimezone(UTC),
    )


def _fields(record: object, *names: str, optional: tuple[str, ...] = ()) -> Mapping[str, object]:
    if not isinstance(record, dict) or not set(names) <= set(record) <= {*names, *optional}:
        raise ValueError(f"expected exactly {', '.join(names)}")
    return record


def _mapping(value: object) -> Mapping[Any, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"expected a mapping, got {type(value).__name__}")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"expected a list, got {type(value).__name__}")
    return value


def _numbers(value: object) -> list[float]:
    return list(map(_number, _list(value)))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected text, got {type(value).__name__}")
    if has_control_character(value):
        raise ValueError("a text has a control character")
    if len(value) > MAX_NAME_CHARACTERS:
        raise ValueError(f"a text has {len(value)} characters; at most {MAX_NAME_CHARACTERS} are allowed")
    return value


def _number(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError(f"expected a number, got {type(value).__name__}")
    if not math.isfinite(value):
        raise ValueError(f"expected a finite number, got {value}")
    return float(value)


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"expected a count, got {type(value).__name__}")
    return int(_number(value))


def _settings(value: object) -> Mapping[str, str | int | float | bool | None]:
    settings = _mapping(value)
    for key, setting in settings.items():
        _text(key)
        if not isinstance(setting, str | int | float | bool | None):
            raise ValueError(f"a setting is a {type(setting).__name__}")
        if isinstance(setting, float) and not math.isfinite(setting):
            raise ValueError(f"a setting is {setting}")
    return settings
