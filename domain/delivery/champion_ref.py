"""ChampionRef: the champion's name and digest in the registry, before the model is fetched."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ChampionRef:
    """A version in production.

    Equal nominations are of equal models, so that a model is fetched once.

    Parameters
    ----------
    version : str
    digest : str or None
        Of its file, if the registry has one.
    feature_change_approved : bool
        Whether it may be served where clients send other features so far.
    """

    version: str
    digest: str | None
    feature_change_approved: bool = field(default=False, compare=False)
