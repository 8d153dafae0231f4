"""Descriptions of runs and versions for MLflow's pages, in Markdown."""

from collections.abc import Mapping

from domain.features.feature_column import FeatureColumn
from domain.model.interval_statement import interval_statement
from domain.model.model_version import ModelVersion, Setting
from domain.model.scores import METRICS, Scores
from domain.promotion.policy import Decision

# A description has three texts and the scores; its column in MLflow's tables holds 5,000 characters, escapes included.
MAX_TEXT_CHARACTERS = 700


def version_note(version: ModelVersion) -> str:
    """Return the description of a registered version."""
    model, lineage, calibration = version.model, version.lineage, version.calibration
    columns = _plain(", ".join(map(_column, model.encoding.columns)))
    source = _plain(model_source(lineage.target, lineage.settings))
    statement = (
        [f"Prediction intervals: {interval_statement(model, version.moments, calibration)}."] if calibration else []
    )
    return "\n\n".join(
        [
            f"Linear model of **{source}**; columns: {columns}.",
            _score_table(lineage.scores),
            *statement,
            f"Trained {lineage.created_at:%Y-%m-%d %H:%M:%S} UTC by code `{_plain(lineage.code_revision)}` "
            f"on data `{_plain(lineage.data_fingerprint[:16])}…`.",
        ]
    )


def model_source(target: str, settings: Mapping[str, Setting]) -> str:
    """Return what is predicted and from which table, such as "price from houses.csv"."""
    data = settings.get("data")
    return f"{target} from {data}" if data else target


def run_note(version: str, decision: Decision, scores: Scores | None) -> str:
    """Return the note of a run that has been judged."""
    verdict = "was promoted to production" if decision.promote else "was **not** promoted"
    reasons = "\n".join(f"- {_plain(reason)}" for reason in decision.reasons)
    return "\n\n".join([f"Version {version} {verdict}.", reasons, *([_score_table(scores)] if scores else [])])


def _column(column: FeatureColumn) -> str:
    return f"{column.name} ({column.kind}{', may be empty' if column.has_gaps else ''})"


def _score_table(scores: Scores) -> str:
    rows = (f"| {name} | {value:.6g} | {METRICS[name].unit} |" for name, value in scores.as_dict().items())
    return "\n".join(["| score on held-out rows | value | unit |", "|---|---|---|", *rows])


def _plain(text: str) -> str:
    """Return the first `MAX_TEXT_CHARACTERS` of `text`, with what Markdown or a table would interpret escaped."""
    shown = text if len(text) <= MAX_TEXT_CHARACTERS else f"{text[:MAX_TEXT_CHARACTERS]}…"
    return " ".join("".join(f"\\{letter}" if letter in "\\`*_|<>[]" else letter for letter in shown).split())
