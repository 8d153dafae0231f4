"""What the registry says of its champion before anything is fetched."""

from dataclasses import dataclass, field

from domain.errors import FeaturesChanged
from domain.feature_change import feature_change
from domain.model_version import ModelVersion


@dataclass(frozen=True, slots=True)
class Nomination:
    """A version in production.

    Equal nominations are of equal models, so nothing that was fetched once need be fetched again.

    Parameters
    ----------
    version : str
    digest : str or None
        Of its file, if the registry has one.
    features_may_change : bool
        Whether whoever put it into production said that clients know its features.
    """

    version: str
    digest: str | None
    features_may_change: bool = field(default=False, compare=False)

    def refuse_changed_features(self, named: ModelVersion, served: ModelVersion) -> None:
        """Raise `FeaturesChanged` if `named` takes others than `served` and nobody has said that it may."""
        change = feature_change(served.model.feature_names, named.model.feature_names)
        if change and not self.features_may_change:
            raise FeaturesChanged(named.name, served.name, change)
