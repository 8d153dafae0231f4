"""Read errors: translation of failures of the operating system, of object stores and of pyarrow."""

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

from adapters.pyarrow.store_errors import store_failure
from domain.data.errors import UnreadableData
from domain.data.quoting import without_control_characters

CHANGED = "it was changed while it was in use; start again"
# Characters of pyarrow's message that an error repeats.
MAX_REASON_CHARACTERS = 120


@contextmanager
def read_errors_of(place: str) -> Iterator[None]:
    """Translate errors of the operating system, of object stores and of pyarrow to `UnreadableData` of `place`."""
    try:
        yield
    except FileNotFoundError:
        raise UnreadableData(place, "no such file") from None
    except UnicodeError as error:
        raise UnreadableData(place, "it is not text of the given encoding; choose another --encoding") from error
    except (OSError, pa.ArrowException) as error:
        if failure := store_failure(error):
            raise UnreadableData(place, failure) from None  # the text of the library may hold secrets
        raise UnreadableData(place, reason(error)) from error


def reason(error: Exception) -> str:
    """Return the beginning of the first line of an error's message, without control characters."""
    return without_control_characters(str(error).partition("\n")[0][:MAX_REASON_CHARACTERS])
