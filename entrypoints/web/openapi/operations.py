"""Operations of the document, and the subject that they describe."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from domain.features.cells import Cell
from domain.features.encoding import Encoding
from domain.model.example_cells import example_rows
from domain.model.reference_predictions import ReferencePredictions
from entrypoints.web.openapi.headers import ALWAYS
from entrypoints.web.openapi.schemas import Json, reference
from entrypoints.web.wire.body import JSON_TYPE
from entrypoints.web.wire.error_formats import RFC_9457, ErrorFormat
from entrypoints.web.wire.request_limits import RequestLimits

# Features that schemas and examples name: the document of a wider model gives their number alone, and stays small.
MAX_NAMED_FEATURES = 100


@dataclass(frozen=True, slots=True)
class DocumentSubject:
    """The served model, the limits of a request, and whether requests need a key."""

    name: str
    version: str
    encoding: Encoding
    reference: ReferencePredictions | None
    limits: RequestLimits
    keys_needed: bool
    highest_level: float | None = None
    """Of prediction intervals; None if the version has none."""

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the model's columns."""
        return self.encoding.feature_names

    @property
    def is_named(self) -> bool:
        """Whether schemas and examples name the columns, of which there are not too many."""
        return len(self.features) <= MAX_NAMED_FEATURES

    @property
    def rows(self) -> tuple[list[Cell], list[Cell]]:
        """Two plausible rows."""
        return example_rows(self.encoding, self.reference)


@dataclass(frozen=True, slots=True)
class Operation:
    """A method of a path.

    Parameters
    ----------
    name : str
        `operationId`, from which generated clients take the name of a method.
    responses : mapping of int to dict
        Responses that are not problems, by status.
    problems : mapping of int to collection of str
        Codes of `error_codes.CODES` by status, without those that every operation answers.
    body : mapping of str to dict
        Request bodies, by media type.
    """

    name: str
    path: str
    summary: str
    responses: Mapping[int, Json]
    method: str = "get"
    problems: Mapping[int, Collection[str]] = field(default_factory=dict)
    body: Mapping[str, Json] = field(default_factory=dict)
    parameters: Sequence[Json] = ()
    details: str = ""
    error_format: ErrorFormat = RFC_9457


def content(schema: str | Json, media_type: str = JSON_TYPE) -> Json:
    """Return a body of one media type; `schema` is a schema or the name of one."""
    return {media_type: {"schema": reference(schema) if isinstance(schema, str) else schema}}


def with_examples(schema: str, subject: DocumentSubject, examples: Mapping[str, object]) -> Json:
    """Return a JSON body with examples by title, if the columns are named."""
    body = content(schema)
    if subject.is_named:
        body[JSON_TYPE]["examples"] = {title: {"value": value} for title, value in examples.items()}
    return body


def response(description: str, bodies: Json, headers: Sequence[str] = ()) -> Json:
    """Return a response that is not a problem, with `headers` besides those of every response."""
    names = (*ALWAYS, *headers)
    return {
        "description": description,
        "headers": {name: reference(name, "headers") for name in names},
        "content": bodies,
    }
