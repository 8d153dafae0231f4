"""Model description: the members of GET /model that describe the served version."""

from dataclasses import asdict
from typing import Any

from domain.delivery.served_model import ServedModel
from domain.features.category_column import CategoryColumn
from domain.features.encoding import AnyColumn
from domain.model.example_cells import example_rows, training_range
from domain.model.model_version import ModelVersion


def model_members(served: ServedModel) -> dict[str, Any]:
    """Return name, origin, columns, coefficients, scores, warnings and lineage of the served version, and a row."""
    version, encoding = served.version, served.version.model.encoding
    example, _ = example_rows(encoding, version.reference_predictions)
    return {
        "version": version.name,
        "source": served.origin,
        "features": encoding.feature_names,
        "columns": list(map(_column, encoding.columns)),
        "left_out": list(map(asdict, encoding.left_out)),
        "example": dict(zip(encoding.feature_names, example, strict=True)),
        "coefficients": dict(zip(version.model.term_names, version.model.coefficients.tolist(), strict=True)),
        "intercept": version.model.intercept,
        "highest_level": version.highest_level,
        **origin_members(version),
    }


def origin_members(version: ModelVersion) -> dict[str, Any]:
    """Return digest, target, scores, warnings and lineage of a version."""
    lineage = asdict(version.lineage)
    return {
        "digest": version.model.digest,
        "target": lineage.pop("target"),
        "scores": lineage.pop("scores"),
        "intervals": {name: interval._asdict() for name, interval in lineage.pop("intervals").items()},
        "warnings": lineage.pop("warnings"),
        "lineage": lineage,
    }


def _column(column: AnyColumn) -> dict[str, Any]:
    """Return name and kind, whether a cell may be null, and the training rows' levels or range."""
    described = {"name": column.name, "kind": column.kind, "nullable": column.has_gaps}
    if isinstance(column, CategoryColumn):
        return {**described, "levels": column.levels, "rare_levels": len(column.pooled)}
    return {**described, "range": training_range(column)}
