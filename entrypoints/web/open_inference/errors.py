"""Errors as the protocol has them: `error` is a text. What a problem says otherwise stands beside it."""

from collections.abc import Mapping

PREFIX = "/v2"


def is_open_inference(path: str) -> bool:
    """Tell whether whoever asked for `path` speaks this protocol."""
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def in_open_inference(problem: Mapping[str, object]) -> dict[str, object]:
    """Return the body of an answer that says what `problem` does.

    Its media type is plain JSON, not that of problems: KServe's client shows its user no other error.
    """
    return {"error": problem["detail"], **problem}
