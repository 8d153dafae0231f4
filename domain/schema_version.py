"""Schema numbers of the files and records that this program writes."""

from collections.abc import Sequence

MAX_SCHEMA = 9_999


class UnsupportedSchema(ValueError):
    """Another version of this program wrote the file."""

    def __init__(self, found: int, readable: Sequence[int], remedy: str) -> None:
        numbers = " and ".join(map(str, readable))
        super().__init__(
            f"another version of Endeavour wrote it (schema {found}; this one reads {numbers}): "
            f"run that version, or {remedy}"
        )
        self.found, self.readable = found, readable


def require_schema(found: object, readable: Sequence[int], remedy: str) -> None:
    """Raise `UnsupportedSchema` if `found` is a schema number that this version does not read.

    Parameters
    ----------
    found : object
        Value of the key `schema`; other values than schema numbers pass, so that the caller refuses them as damaged.
    readable : sequence of int
        Schema numbers that this version reads.
    remedy : str
        Action of an operator besides running the version that wrote the file.
    """
    if type(found) is int and found not in readable and 0 < found <= MAX_SCHEMA:
        raise UnsupportedSchema(found, readable, remedy)
