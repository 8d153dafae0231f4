"""What the registry says of its champion before anything is fetched."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Nomination:
    """A version in production, and the digest that the registry has of its file; None if it has none.

    Equal nominations are of equal models, so nothing that was fetched once need be fetched again.
    """

    version: str
    digest: str | None
