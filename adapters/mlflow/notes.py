"""What people read about a run or a version in MLflow's pages, in Markdown."""

from collections.abc import Iterable

from domain.errors import listed
from domain.linear_model import LinearModel
from domain.model_version import Lineage
from domain.promotion import Decision
from domain.scores import Scores

# A description has three texts and the scores; its column in MLflow's tables holds 5,000 characters, escapes included.
MAX_TEXT_CHARACTERS = 700

_UNITS = {"r2": "", "mse": "target units squared", "rmse": "target units", "mae": "target units"}


def version_note(model: LinearModel, lineage: Lineage) -> str:
    """Return the description of a registered version."""
    features = _plain(listed(model.feature_names))
    return "\n\n".join([
        f"Linear model of **{_plain(lineage.target)}** from {len(model.feature_names)} features: {features}.",
        score_table(lineage.scores),
        f"Trained {lineage.created_at:%Y-%m-%d %H:%M:%S} UTC by code `{_plain(lineage.code_revision)}` "
        f"on data `{_plain(lineage.data_fingerprint[:16])}…`.",
    ])  # fmt: skip


def run_note(version: str, decision: Decision, scores: Scores | None) -> str:
    """Return the note of a run that has been judged."""
    verdict = "was promoted to production" if decision.promote else "was **not** promoted"
    reasons = "\n".join(f"- {_plain(reason)}" for reason in decision.reasons)
    table = [score_table(scores)] if scores else []
    return "\n\n".join([f"Version {version} {verdict}.", reasons, *table])


def score_table(scores: Scores) -> str:
    """Return the scores on the held-out rows, one row each."""
    rows = (f"| {name} | {value:.6g} | {_UNITS[name]} |" for name, value in scores.as_dict().items())
    return _lines(["| score on held-out rows | value | unit |", "|---|---|---|", *rows])


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Return the first `MAX_TEXT_CHARACTERS` of `text`, with what Markdown or a table would interpret escaped."""
    shown = text if len(text) <= MAX_TEXT_CHARACTERS else f"{text[:MAX_TEXT_CHARACTERS]}…"
    return " ".join("".join(f"\\{letter}" if letter in "\\`*_|<>[]" else letter for letter in shown).split())
