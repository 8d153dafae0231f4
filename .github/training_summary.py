"""What `endeavour train --json` says, read from standard input, as the Markdown of a job's summary."""

import json
import sys
from collections.abc import Iterator
from typing import Any

NOTHING = "### Nothing was trained\n\nThe log of the step before says why."
MARKUP = str.maketrans({character: f"\\{character}" for character in "\\`*_{}[]()<>#|!~&"})


def summary(text: str) -> str:
    """Return the decision with its reasons, the scores and the model; names and reasons come from data, so are escaped.

    `text` is empty where training ended before there was anything to say.
    """
    if not text.strip():
        return NOTHING
    return "\n".join(_lines(json.loads(text)))


def _lines(training: dict[str, Any]) -> Iterator[str]:
    decision = "promoted" if training["promoted"] else "not promoted"
    yield f"### Version {_plain(training['version'])} is {decision}"
    yield ""
    yield from (f"- {_plain(reason)}" for reason in training["reasons"])
    if training["kept_locally"]:
        yield "- **MLflow could not be reached**: the run and the model are in the artifact of this job"
    if training["warning"]:
        yield f"- **Warning**: {_plain(training['warning'])}"
    yield from _table("score on held-out rows", training["scores"])
    yield from _table("coefficient", {**training["coefficients"], "(intercept)": training["intercept"]})
    yield ""
    yield f"Run {_plain(training['run_id'])}, stopped by {_plain(training['stop_reason'])}."


def _table(head: str, values: dict[str, float]) -> Iterator[str]:
    yield from ("", f"| {head} | value |", "|---|---:|")
    yield from (f"| {_plain(name)} | {value:.6g} |" for name, value in values.items())


def _plain(text: object) -> str:
    """Return what shows as `text` on one line, whatever is in it."""
    return " ".join(str(text).translate(MARKUP).split())


if __name__ == "__main__":
    sys.stdout.write(summary(sys.stdin.read()) + "\n")
