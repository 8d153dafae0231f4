"""Serialization of a model version: to plain values that every store writes in its own format, and from them.

Reading validates everything: keys, types, lengths of texts, finite numbers, the digest, and the reference predictions.
Error messages never contain a rejected value, because it may be huge or refer to itself.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from domain.data.errors import InvalidData
from domain.data.plain_values import (
    require_count,
    require_fields,
    require_list,
    require_mapping,
    require_number,
    require_numbers,
    require_text,
)
from domain.features.cells import Cell
from domain.features.encoding import Encoding
from domain.features.serialization import from_encoding, from_target_transform, to_encoding, to_target_transform
from domain.model.calibration import MAX_ROWS as MAX_CALIBRATION_ROWS
from domain.model.calibration import Calibration
from domain.model.distributions_record import from_distributions, to_distributions
from domain.model.errors import CorruptModel
from domain.model.linear_model import LinearModel
from domain.model.model_version import MAX_WARNING_CHARACTERS, MAX_WARNINGS, Lineage, ModelVersion
from domain.model.moments_record import from_moments, to_moments
from domain.model.reference_predictions import MAX_ROWS, ReferencePredictions
from domain.model.score_intervals import Interval
from domain.model.scores import METRICS, Scores
from domain.schema_version import require_schema

# Any change of the keys, also an added one, takes another number, so that older versions name the cause.
# Number 2 added the moments, number 3 the encoding and the target's transform, which stand for the features, number 4
# calibration and distributions, and number 5 intervals of scores and warnings of the training.
SCHEMA = 5
READABLE_SCHEMAS = (1, 2, 3, 4, 5)

Record = dict[str, Any]


def to_record(version: ModelVersion) -> Record:
    """Return `version` as dicts, lists, strings and numbers; a format that keeps floats exactly loses nothing."""
    model, reference = version.model, version.reference_predictions
    record = {
        "schema": SCHEMA,
        "name": version.name,
        "encoding": from_encoding(model.encoding),
        "terms": list(model.term_names),
        "target_transform": from_target_transform(model.target_transform),
        "coefficients": model.coefficients.tolist(),
        "intercept": model.intercept,
        "digest": model.digest,
        "lineage": _from_lineage(version.lineage),
    }
    if reference:
        record["golden"] = {"rows": list(map(list, reference.rows)), "predictions": reference.predictions.tolist()}
    if version.moments:
        record["moments"] = from_moments(version.moments)
    if version.calibration:
        scores = version.calibration.conformity_scores.tolist()
        record["calibration"] = {"rows": version.calibration.rows, "conformity_scores": scores}
    if version.distributions:
        record["distributions"] = from_distributions(version.distributions)
    return record


def _from_lineage(lineage: Lineage) -> Record:
    record = asdict(lineage) | {
        "scores": lineage.scores.as_dict(),
        "created_at": lineage.created_at.isoformat(),
        "intervals": {name: list(interval) for name, interval in lineage.intervals.items()},
        "warnings": list(lineage.warnings or ()),
    }
    if lineage.warnings is None:
        del record["warnings"]
    return record


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


def require_readable(version: ModelVersion) -> ModelVersion:
    """Return `version`, or raise `InvalidData` if its record could not be read."""
    try:
        from_record(to_record(version), version.name)
    except CorruptModel as error:
        raise InvalidData(f"the model cannot be kept, because its record could not be read: {error.why}") from error
    return version


def _version(record: object, name: str) -> ModelVersion:
    if isinstance(record, dict):
        require_schema(record.get("schema"), READABLE_SCHEMAS, "promote a model that this version has trained")
    schema = record.get("schema") if isinstance(record, dict) else None
    of_features = ("features",) if schema in (1, 2) else ("encoding", "terms", "target_transform")
    required = ("schema", "name", *of_features, "coefficients", "intercept", "digest", "lineage")
    fields = require_fields(record, *required, optional=("golden", "moments", "calibration", "distributions"))
    if require_count(fields["schema"]) not in READABLE_SCHEMAS:
        raise ValueError("its schema number is invalid")
    if require_text(fields["name"]) != name:
        raise ValueError("its name is not that of the version")
    weights = (require_numbers(fields["coefficients"]), require_number(fields["intercept"]))
    if "features" in fields:
        features = Encoding.of_numbers(tuple(map(require_text, require_list(fields["features"]))))
        model = LinearModel(*weights, features)  # type: ignore[arg-type]  # a list is array_like
    else:
        transform = to_target_transform(fields["target_transform"])
        model = LinearModel(*weights, to_encoding(fields["encoding"]), transform)  # type: ignore[arg-type]  # the same
        if fields["terms"] != list(model.term_names):
            raise ValueError("its terms are not those of its columns")
    if model.digest != fields["digest"]:
        raise ValueError("its digest is not that of its weights")
    reference = _reference(fields["golden"], model) if "golden" in fields else None
    moments = to_moments(fields["moments"], len(model.coefficients)) if "moments" in fields else None
    calibration = _calibration(fields["calibration"]) if "calibration" in fields else None
    distributions = to_distributions(fields["distributions"], model.encoding) if "distributions" in fields else None
    return ModelVersion(name, model, _lineage(fields["lineage"]), reference, moments, calibration, distributions)


def _reference(record: object, model: LinearModel) -> ReferencePredictions:
    fields = require_fields(record, "rows", "predictions")
    # Only one row above the limit is read, because a small pickle can hold one long row a hundred thousand times.
    rows = [tuple(map(_cell, require_list(row))) for row in require_list(fields["rows"])[: MAX_ROWS + 1]]
    reference = ReferencePredictions(tuple(rows), require_numbers(fields["predictions"]))  # type: ignore[arg-type]  # a list is array_like
    if mismatch := reference.mismatch(model):
        raise ValueError(mismatch)
    return reference


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, bool):
        return value
    return require_text(value) if isinstance(value, str) else require_number(value)


def _calibration(record: object) -> Calibration:
    fields = require_fields(record, "rows", "conformity_scores")
    scores = require_list(fields["conformity_scores"])[: MAX_CALIBRATION_ROWS + 1]
    return Calibration(require_count(fields["rows"]), require_numbers(scores))  # type: ignore[arg-type]  # a list is array_like


def _lineage(record: object) -> Lineage:
    texts = ("run_id", "target", "data_fingerprint", "code_revision")
    required = (*texts, "scores", "settings", "created_at")
    fields = require_fields(record, *required, optional=("intervals", "warnings"))
    scores = require_mapping(fields["scores"])
    return Lineage(
        **{name: require_text(fields[name]) for name in texts},
        scores=Scores.from_dict({require_text(name): require_number(value) for name, value in scores.items()}),
        settings=_settings(fields["settings"]),
        created_at=datetime.fromisoformat(require_text(fields["created_at"])).astimezone(UTC),
        intervals=_intervals(fields.get("intervals", {})),
        warnings=_warnings(fields["warnings"]) if "warnings" in fields else None,
    )


def _intervals(record: object) -> Mapping[str, Interval]:
    """Return the intervals of the scores that this version measures."""
    intervals = {require_text(name): _interval(bounds) for name, bounds in require_mapping(record).items()}
    return {name: interval for name, interval in intervals.items() if name in METRICS}


def _interval(record: object) -> Interval:
    bounds = require_list(record)
    if len(bounds) != 2:  # noqa: PLR2004  # an interval has two ends
        raise ValueError("an interval has not two ends")
    return Interval(*require_numbers(bounds))


def _warnings(record: object) -> tuple[str, ...]:
    warnings = tuple(map(require_text, require_list(record)[: MAX_WARNINGS + 1]))
    if len(warnings) > MAX_WARNINGS or any(len(text) > MAX_WARNING_CHARACTERS for text in warnings):
        raise ValueError("its warnings are too many, or too long")
    return warnings


def _settings(value: object) -> Mapping[str, str | int | float | bool | None]:
    settings = require_mapping(value)
    for key, setting in settings.items():
        require_text(key)
        if not isinstance(setting, str | int | float | bool | None):
            raise ValueError(f"a setting is a {type(setting).__name__}")
        if isinstance(setting, float) and not math.isfinite(setting):
            raise ValueError(f"a setting is {setting}")
    return settings
