"""Model facts: formula, scores and origin of a version in words, and how another one differs."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

from application.serving.describe_model import MAX_COMPARED_COLUMNS, ModelDescription
from domain.model.linear_model import LinearModel
from domain.model.model_version import Lineage, ModelVersion
from domain.model.scores import METRICS
from entrypoints.web.console.numerals import MINUS, number

RUN_ID = re.compile(r"\A[0-9a-f]{32}\Z", re.ASCII)
# Terms of a formula, and columns that are named as left out, at most.
MAX_FORMULA_TERMS, MAX_LEFT_OUT = 6, 8
# Items of a setting that lists names, at most.
MAX_ITEMS = 20


def formula(model: LinearModel, target: str) -> str:
    """Return the formula of a few plain numbers; empty for other models."""
    if not model.encoding.is_plain or len(model.coefficients) > MAX_FORMULA_TERMS:
        return ""
    weights = zip(model.coefficients.tolist(), model.term_names, strict=True)
    terms = "".join(f" {'−' if weight < 0 else '+'} {number(abs(weight), 6)} · {name}" for weight, name in weights)
    return f"{target} = {number(model.intercept, 6)}{terms}"


@dataclass(frozen=True, slots=True)
class ShownScore:
    """A score of each version, and its interval of 95 %, which is empty if the version keeps none."""

    name: str
    values: tuple[tuple[str, str], ...]


def scores(versions: Sequence[ModelVersion]) -> Iterator[ShownScore]:
    """Yield the scores of the first version in target units or without a unit, beside those of the others."""
    for name in versions[0].lineage.scores.as_dict():
        if name != "mse":
            yield ShownScore(METRICS[name].label, tuple(_score(name, version.lineage) for version in versions))


def _score(name: str, lineage: Lineage) -> tuple[str, str]:
    """Return value and interval of a score, empty if the version has none of this name."""
    value, interval = lineage.scores.as_dict().get(name), lineage.intervals.get(name)
    between = " to ".join(_shown_score(name, end) for end in interval or ())
    return "" if value is None else _shown_score(name, value), between


def _shown_score(name: str, value: float) -> str:
    return f"{value:.4f}".replace("-", MINUS) if name == "r2" else number(value)


def difference_lines(described: ModelDescription) -> Iterator[str]:
    """Yield how the other version differs, or why the predictions are not compared; nothing without another one."""
    if described.difference:
        yield from described.difference.lines()[1:]
    elif described.feature_change:
        yield f"clients have to send other features ({described.feature_change}), so predictions are not compared"
    elif described.other:
        yield f"predictions of more than {MAX_COMPARED_COLUMNS} columns are not compared here"


def run_link(pages: str, run_id: str) -> str:
    """Return the address of a run in MLflow's pages; empty without pages, or for a run that another tracker keeps."""
    return f"{pages}/#/runs/{run_id}" if pages and RUN_ID.match(run_id) else ""


def facts(version: ModelVersion) -> Iterator[tuple[str, str]]:
    """Yield name and text of each fact about a version."""
    lineage, encoding = version.lineage, version.model.encoding
    yield "predicts", lineage.target
    yield "terms", f"{len(version.model.term_names)} of {len(encoding.columns)} columns"
    if version.moments:
        yield "training rows", number(version.moments.rows)
    left_out = [column for column in encoding.left_out if column.name != lineage.target]
    if left_out:
        yield "left out", "; ".join(f"{column.name} ({column.reason})" for column in left_out[:MAX_LEFT_OUT])
    yield "trained", f"{lineage.created_at.astimezone(UTC):%-d %b %Y %H:%M} UTC"
    yield "run", lineage.run_id
    yield "program", lineage.code_revision
    yield "table", f"sha256 {lineage.data_fingerprint[:16]}…"
    yield "model", f"sha256 {version.model.digest[:16]}…"
    yield from _settings(lineage.settings)


def _settings(settings: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    chosen = [f"{name}: {_shown(value)}" for name, value in settings.items() if value is not None]
    if chosen:
        yield "settings", "\n".join(chosen)


def _shown(value: object) -> str:
    """Return a setting as people write it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return number(value)
    items = str(value).split(", ")
    more = len(items) - MAX_ITEMS
    return f"{', '.join(items[:MAX_ITEMS])} and {more} more" if more > 0 else str(value)
