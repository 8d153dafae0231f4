"""POST /batch with an Arrow stream in place of JSON: the way for tables of a million rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from flask import Response, request

from application.predict import Predict
from domain.errors import BadRecord, MissingFeature, ResultNotFinite, UnknownFeature
from entrypoints.web.answer import JSON_TYPE, carrying
from entrypoints.web.body import read, refuse_encodings
from entrypoints.web.limits import Limits
from entrypoints.web.problems import Place, Refused, of_domain

if TYPE_CHECKING:
    from types import ModuleType

    from _typeshed.wsgi import WSGIEnvironment

ARROW_TYPE = "application/vnd.apache.arrow.stream"
# Large bodies in one worker's memory at once, on their way in or being worked on.
LARGE_AT_ONCE = 2
# As long as any request waits for its turn.
PATIENCE, RETRY_AFTER = 0.1, 1


def is_arrow(environ: "WSGIEnvironment") -> bool:
    """Tell whether the request says that its body is an Arrow stream."""
    kind: str = environ.get("CONTENT_TYPE", JSON_TYPE)
    return kind != JSON_TYPE and kind.partition(";")[0].strip().lower() == ARROW_TYPE


def arrow_batch(predict: Callable[[], Predict], limits: Limits, largest: int) -> Callable[[], Response]:
    """Return the view of such a request; its answer is a stream too, whatever the client says that it accepts.

    Parameters
    ----------
    predict : callable
    limits : Limits
        Of other requests. A body within them needs no more care than JSON.
    largest : int
        Bytes of a body, and of its table as float64, at most.
    """
    wide, room = limits._replace(body=largest), BoundedSemaphore(LARGE_AT_ONCE)

    def many() -> Response:
        table = _library()
        refuse_encodings(request.environ)
        with _room_for(request.environ, limits.body, room):
            raw = read(request.environ, wide)
            try:
                predictions = predict().of_batches(table.read(raw, largest))
            except BadRecord as error:
                return of_domain(error, _place(error))
            return carrying(table.written(predictions.values), predictions, ARROW_TYPE)

    return many


def _library() -> "ModuleType":
    """Return what reads streams, imported with the first of them: most workers never pay its 40 MB."""
    try:
        from entrypoints.web.arrow import table
    except ImportError as error:
        raise Refused(
            415, "unsupported_media_type", f"no Arrow on this server (its extra `arrow`); send {JSON_TYPE}"
        ) from error
    return table


@contextmanager
def _room_for(environ: "WSGIEnvironment", small: int, room: BoundedSemaphore) -> Iterator[None]:
    """Hold one of the few places for large bodies, taken before the first byte is read, unless this one is small."""
    declared = environ.get("CONTENT_LENGTH") or ""
    if declared.isdecimal() and int(declared) <= small:
        yield
        return
    if not room.acquire(timeout=PATIENCE):
        raise Refused(503, "overloaded", "too many large bodies at once; try again", retry_after=RETRY_AFTER)
    try:
        yield
    finally:
        room.release()


def _place(error: BadRecord) -> Place:
    """Name the place by the model's own words: a column that is none of its features stays unnamed."""
    if isinstance(error, UnknownFeature):
        return Place("a column", error.why)
    if isinstance(error, MissingFeature):
        return Place(str(error.field), error.why)
    if isinstance(error, ResultNotFinite):
        return Place(f"result[{error.row}]", error.why)
    return Place(f"{error.field}[{error.row}]", error.why)
