"""A model version as plain dicts, lists, strings and numbers, and back: what every store writes in its own format.

The way back trusts nothing: exact keys, exact types, texts of bounded length, finite numbers, a digest that must match,
and golden rows that must be predicted as they were when the model was made. No error repeats a refused value, because
it may be so long, or hold itself so often, that writing it down never ends.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from domain.column_names import MAX_NAME_CHARACTERS, steers
from domain.errors import BrokenModel
from domain.golden_rows import MOST_ROWS, GoldenRows
from domain.linear_model import LinearModel
from domain.model_version import Lineage, ModelVersion
from domain.moments import MAX_FEATURES, Moments
from domain.schema import refuse_other_schema
from domain.scores import Scores

# Any change of the keys, also one that only adds a key, takes another number: older versions then name the cause.
SCHEMA = 1

Record = dict[str, Any]


def to_record(version: ModelVersion) -> Record:
    """Return `version` as plain values; floats stay floats, so a format that keeps them exactly loses nothing."""
    model, lineage, golden = version.model, version.lineage, version.golden
    optional: Record = {}
    if golden:
        optional["golden"] = {"rows": golden.rows.tolist(), "predictions": golden.predictions.tolist()}
    if version.moments:
        optional["moments"] = _of_moments(version.moments)
    return {
        "schema": SCHEMA,
        "name": version.name,
        "features": list(model.feature_names),
        "coefficients": model.coefficients.tolist(),
        "intercept": model.intercept,
        "digest": model.digest,
        "lineage": {
            "run_id": lineage.run_id,
            "scores": lineage.scores.as_dict(),
            "target": lineage.target,
            "data_fingerprint": lineage.data_fingerprint,
            "settings": dict(lineage.settings),
            "code_revision": lineage.code_revision,
            "created_at": lineage.created_at.isoformat(),
        },
        **optional,
    }


def _of_moments(moments: Moments) -> Record:
    return {
        "rows": moments.rows,
        "measured_rows": moments.measured_rows,
        "mean": moments.mean.tolist(),
        "factor": [row[place:] for place, row in enumerate(moments.factor.tolist())],
        "residual_variance": moments.residual_variance,
    }


def from_record(record: object, name: str) -> ModelVersion:
    """Return the version that `record` describes, which was kept under `name`.

    Raises
    ------
    BrokenModel
        If anything in it is not exactly as `to_record` writes it, or the model does not predict its golden rows.
    """
    try:
        return _Reader(name).version(record)
    except (ValueError, OverflowError) as error:
        raise BrokenModel(name, str(error)) from error


class _Reader:
    """Takes a record apart, or raises `ValueError` at the first thing that is not as it should be."""

    def __init__(self, name: str) -> None:
        self._name = name

    def version(self, record: object) -> ModelVersion:
        if isinstance(record, dict):
            refuse_other_schema(record.get("schema"), SCHEMA, "promote a model that this version has trained")
        optional = [key for key in ("golden", "moments") if isinstance(record, dict) and key in record]
        fields = _fields(
            record, "schema", "name", "features", "coefficients", "intercept", "digest", "lineage", *optional
        )
        if _number(fields["schema"]) != SCHEMA:
            raise ValueError(f"its schema is not {SCHEMA}")
        if _text(fields["name"]) != self._name:
            raise ValueError("it calls itself by another name")
        coefficients = [_number(value) for value in _list(fields["coefficients"])]
        features = tuple(_text(value) for value in _list(fields["features"]))
        model = LinearModel(coefficients, _number(fields["intercept"]), features)  # type: ignore[arg-type]  # a list is array_like
        if model.digest != fields["digest"]:
            raise ValueError("its weights are not those its digest was made of")
        golden = self._golden(fields["golden"], model) if "golden" in optional else None
        moments = self._moments(fields["moments"], len(features)) if "moments" in optional else None
        return ModelVersion(self._name, model, self._lineage(fields["lineage"]), golden, moments)

    def _golden(self, record: object, model: LinearModel) -> GoldenRows:
        fields = _fields(record, "rows", "predictions")
        # One more than there may be, since a pickle of a megabyte can hold the same long row a hundred thousand times.
        rows = [[_number(value) for value in _list(row)] for row in _list(fields["rows"])[: MOST_ROWS + 1]]
        golden = GoldenRows(rows, [_number(value) for value in _list(fields["predictions"])])  # type: ignore[arg-type]  # lists are array_like
        if wrong := golden.disagreement(model):
            raise ValueError(wrong)
        return golden

    def _moments(self, record: object, columns: int) -> Moments:
        fields = _fields(record, "rows", "measured_rows", "mean", "factor", "residual_variance")
        mean, triangle = _list(fields["mean"]), [_list(row) for row in _list(fields["factor"])]
        # Lengths come first, since a pickle of a megabyte can hold the same long row a hundred thousand times.
        if columns > MAX_FEATURES or len(mean) != columns or list(map(len, triangle)) != list(range(columns, 0, -1)):
            raise ValueError("its moments are those of other features")
        factor = [[0.0] * place + [_number(value) for value in row] for place, row in enumerate(triangle)]
        variance = fields["residual_variance"]
        return Moments(
            rows=_count(fields["rows"]),
            measured_rows=_count(fields["measured_rows"]),
            mean=[_number(value) for value in mean],  # type: ignore[arg-type]  # a list is array_like
            factor=factor,  # type: ignore[arg-type]  # lists are array_like
            residual_variance=None if variance is None else _number(variance),
        )

    def _lineage(self, record: object) -> Lineage:
        fields = _fields(
            record, "run_id", "scores", "target", "data_fingerprint", "settings", "code_revision", "created_at"
        )
        scores = _fields(fields["scores"], "r2", "mse", "rmse", "mae")
        created_at = datetime.fromisoformat(_text(fields["created_at"]))
        return Lineage(
            run_id=_text(fields["run_id"]),
            scores=Scores(**{key: _number(value) for key, value in scores.items()}),
            target=_text(fields["target"]),
            data_fingerprint=_text(fields["data_fingerprint"]),
            settings=_settings(fields["settings"]),
            code_revision=_text(fields["code_revision"]),
            created_at=created_at.astimezone(UTC),
        )


def _fields(record: object, *names: str) -> Mapping[str, object]:
    if not isinstance(record, dict) or set(record) != set(names):
        raise ValueError(f"it does not hold exactly {', '.join(names)}")
    return record


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"a {type(value).__name__} stands where a list should")
    return value


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
