"""The keys that open this server at this moment."""

from domain.api_key import KeyRing


class LiveKeys:
    """One reference to one immutable ring, replaced as a whole.

    Parameters
    ----------
    anonymous : bool
        Whether to begin with None for a ring, which is open to all, and not with an empty one, which is open to nobody.
    """

    __slots__ = ("ring",)

    def __init__(self, *, anonymous: bool) -> None:
        self.ring: KeyRing | None = None if anonymous else KeyRing()
