"""Schema numbers of what this program writes to disks and registries."""

MAX_SCHEMA = 9_999


class UnsupportedSchema(ValueError):
    """Another version of this program wrote what was read."""

    def __init__(self, found: int, read: int, way_out: str) -> None:
        super().__init__(
            f"another version of Endeavour wrote it (schema {found}; this one reads {read}): "
            f"run that version, or {way_out}"
        )
        self.found, self.read = found, read


def require_schema(found: object, read: int, way_out: str) -> None:
    """Raise `UnsupportedSchema` if `found` is the schema number of another version of this program.

    Parameters
    ----------
    found : object
        Value of the key `schema`; a value that is no schema number passes, so that the caller refuses it as damaged.
    read : int
        The schema that this version reads.
    way_out : str
        What an operator can do besides running the version that wrote it.
    """
    if type(found) is int and found != read and 0 < found <= MAX_SCHEMA:
        raise UnsupportedSchema(found, read, way_out)
