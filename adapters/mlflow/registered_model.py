"""Registered model: look-ups in MLflow's registry that the stores share, and validation of the names it answers."""

from collections.abc import Iterator, Mapping

from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion as RegisteredVersion

from adapters.mlflow.failures import none_if_missing
from adapters.mlflow.names import CHAMPION, is_version, quoted, validated_model_name
from domain.delivery.errors import InvalidRegistryResponse
from domain.model.errors import ModelNotFound


class RegisteredModel:
    """Registered model `name` of the registry at `place`."""

    def __init__(self, name: str, place: str) -> None:
        self.name = validated_model_name(name)
        self._place = place

    def champion(self, client: MlflowClient) -> tuple[str | None, Mapping[str, str]]:
        """Return what the alias `champion` names, and the registered model's tags.

        Reading the model avoids MLflow's look-up of an alias, which is a bad request if there is none.
        """
        model = none_if_missing(lambda: client.get_registered_model(self.name))
        if model is None or CHAMPION not in model.aliases:
            return None, {}
        return self._checked(model.aliases[CHAMPION]), model.tags

    def version(self, client: MlflowClient, name: str) -> RegisteredVersion:
        """Return the version, or raise `ModelNotFound`."""
        found = self.version_or_none(client, name)
        if found is None:
            raise ModelNotFound(name, self.versions(client))
        return found

    def version_or_none(self, client: MlflowClient, name: str) -> RegisteredVersion | None:
        """Return the version, None if there is none of this name."""
        return none_if_missing(lambda: client.get_model_version(self.name, name)) if is_version(name) else None

    def versions(self, client: MlflowClient) -> tuple[str, ...]:
        """Return the names of all versions, oldest first."""
        return tuple(str(version.version) for version in self.registered(client))

    def registered(self, client: MlflowClient) -> Iterator[RegisteredVersion]:
        """Yield all versions with their tags, oldest first."""
        token = None
        while token != "":
            page = client.search_model_versions(
                f"name = '{self.name}'", max_results=1000, order_by=["version_number ASC"], page_token=token
            )
            for version in page:
                self._checked(version.version)
                yield version
            token = page.token or ""

    def _checked(self, version: object) -> str:
        if not is_version(str(version)):
            raise InvalidRegistryResponse(self._place, f"it names version {quoted(str(version))}")
        return str(version)
