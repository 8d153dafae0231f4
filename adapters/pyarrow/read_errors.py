"""What goes wrong while a file is read, in the domain's words."""

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

from domain.data.errors import UnreadableData

# Characters of pyarrow's own words that an error message shows.
MAX_REASON_CHARACTERS = 120


@contextmanager
def read_errors_of(place: str) -> Iterator[None]:
    """Turn what the operating system and pyarrow raise into `UnreadableData` of `place`."""
    try:
        yield
    except FileNotFoundError:
        raise UnreadableData(place, "no such file") from None
    except (OSError, pa.ArrowException) as error:
        raise UnreadableData(place, reason(error)) from error


def reason(error: Exception) -> str:
    """Return the first line of an error's words, or as much of it as a reader would read."""
    return str(error).partition("\n")[0][:MAX_REASON_CHARACTERS]
