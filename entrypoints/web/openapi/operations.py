"""An operation of the document, and the model that it is about."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from entrypoints.web.openapi.headers import ALWAYS
from entrypoints.web.openapi.schemas import MAX_NAMED_FEATURES, Json, reference
from entrypoints.web.wire.error_formats import RFC_9457, Wording
from entrypoints.web.wire.responses import JSON_TYPE


@dataclass(frozen=True, slots=True)
class ServedModelEndpoint:
    """The model that answers, and the bounds of a request: rows, and bytes of its body."""

    name: str
    version: str
    features: tuple[str, ...]
    rows: int
    body: int
    keys_needed: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """A method of a path.

    Parameters
    ----------
    name : str
        As generated clients call it.
    replies : mapping of int to dict
        Answers that are no problem, by status.
    problems : mapping of int to collection of str
        Its codes of `entrypoints.web.wire.error_codes` by status, without those that every operation answers.
    body : mapping of str to dict
        What it takes, by media type.
    """

    name: str
    path: str
    summary: str
    replies: Mapping[int, Json]
    method: str = "get"
    problems: Mapping[int, Collection[str]] = field(default_factory=dict)
    body: Mapping[str, Json] = field(default_factory=dict)
    parameters: Sequence[Json] = ()
    details: str = ""
    wording: Wording = RFC_9457


def content(schema: str | Json, media_type: str = JSON_TYPE) -> Json:
    """Return a body of one media type, by the name of its schema or the schema itself."""
    return {media_type: {"schema": reference(schema) if isinstance(schema, str) else schema}}


def with_examples(schema: str, served: ServedModelEndpoint, examples: Mapping[str, object]) -> Json:
    """Return a JSON body with examples by title, unless the model has too many features to read them."""
    body = content(schema)
    if len(served.features) <= MAX_NAMED_FEATURES:
        body[JSON_TYPE]["examples"] = {title: {"value": value} for title, value in examples.items()}
    return body


def reply(meaning: str, bodies: Json, headers: Sequence[str] = ()) -> Json:
    """Return an answer that is no problem, with the headers that it has beside those of every answer."""
    names = (*ALWAYS, *headers)
    return {"description": meaning, "headers": {name: reference(name, "headers") for name in names}, "content": bodies}
