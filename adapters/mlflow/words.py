"""Failures as one line for people and logs."""

from domain.redaction import Redaction

MAX_CHARACTERS = 300


def one_line(error: BaseException, redaction: Redaction) -> str:
    """Return the first line of the error's text, or its type's name if there is none; `redaction` reads all lines."""
    lines = [line.strip() for line in redaction.text(str(error)).splitlines() if line.strip()]
    text = lines[0] if lines else type(error).__name__
    text = text.partition(" Response body: ")[0]  # a page of whichever server answers, MLflow or not
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}…"
