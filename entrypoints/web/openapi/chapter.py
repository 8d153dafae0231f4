"""What is said of the routes of one blueprint."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Served:
    """What the document is about.

    Parameters
    ----------
    name : str
        The model that answers.
    version : str
        The version of it.
    features : tuple of str
        Its features, in its order.
    rows : int
        In one request at most.
    body : int
        Bytes of a body at most.
    keys_needed : bool
        Whether requests need a key.
    """

    name: str
    version: str
    features: tuple[str, ...]
    rows: int
    body: int
    keys_needed: bool


@dataclass(frozen=True, slots=True)
class Content:
    """A body of one media type: the name of its schema, or the schema itself, and examples by title."""

    schema: str | Json
    examples: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is no problem: what it means, its bodies by media type, and the headers it always has."""

    meaning: str
    content: Mapping[str, Content] = field(default_factory=dict)
    headers: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Wording:
    """How problems are told: the media type, the name of the schema, and what a problem of ours becomes.

    `statuses` are those of ours that are answered as others.
    """

    kind: str
    schema: str
    body: Callable[[Json], Json]
    statuses: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """A method of a path.

    Parameters
    ----------
    name : str
        As generated clients call it.
    method : str
        In lower case.
    path : str
        With its parameters in braces.
    summary : str
        In half a line.
    replies : mapping of int to Reply
        By status.
    problems : mapping of int to collection of str
        The codes of `entrypoints.web.codes` that it answers, by status, but for those that every operation answers.
    body : mapping of str to Content
        What it takes, by media type.
    parameters : sequence of dict
        As OpenAPI has them.
    details : str
        In Markdown.
    wording : Wording, optional
        How it tells its problems; as RFC 9457 has them by default.
    """

    name: str
    method: str
    path: str
    summary: str
    replies: Mapping[int, Reply]
    problems: Mapping[int, Collection[str]] = field(default_factory=dict)
    body: Mapping[str, Content] = field(default_factory=dict)
    parameters: Sequence[Json] = ()
    details: str = ""
    wording: Wording | None = None


@dataclass(frozen=True, slots=True)
class Chapter:
    """The operations of a blueprint, under a title, and what they name: schemas, and the forms that validate."""

    title: str
    operations: Sequence[Operation]
    schemas: Mapping[str, Json] = field(default_factory=dict)
    forms: Mapping[str, Schema] = field(default_factory=dict)
