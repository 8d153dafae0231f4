"""Version catalog over HTTP: reads the tags of a registered model by plain GETs, on hosts without MLflow."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from adapters.mlflow.catalog_tags import TaggedVersion, catalog_of
from adapters.mlflow.http_client import HttpSession
from adapters.mlflow.http_registry import API, HttpRegistry
from adapters.mlflow.names import CHAMPION, is_version, quoted
from adapters.mlflow.registry_json import dicts
from domain.monitoring.catalog import MAX_VERSIONS, Catalog
from domain.ports import Clock, VersionCatalog

# An answer may have four megabytes, and a version has some kilobytes of tags.
PAGE = 50


class HttpVersionCatalog(VersionCatalog):
    """Reads the newest versions, without their weights, and checks every answer.

    Parameters
    ----------
    registry : HttpRegistry
    clock : Clock
    """

    def __init__(self, registry: HttpRegistry, clock: Clock) -> None:
        self._registry, self._clock = registry, clock

    def read(self) -> Catalog:
        """Return the catalog; empty while there is no registered model."""
        return self._registry.within(self._read)

    def _read(self, server: HttpSession) -> Catalog:
        model = self._registry.registered_model(server)
        if model is None:
            return Catalog(at=self._clock())
        named = [alias.get("version") for alias in dicts(model.get("aliases")) if alias.get("alias") == CHAMPION]
        champion = self._version(named[0]) if named else ""
        found = list(self._newest(server))
        older = int(found[-1].name) - 1 if len(found) == MAX_VERSIONS else 0
        return catalog_of(self._clock(), found, older, champion, _tags(model))

    def _newest(self, server: HttpSession) -> Iterator[TaggedVersion]:
        query = {"filter": f"name = '{self._registry.model}'", "order_by": "version_number DESC"}
        for _ in range(MAX_VERSIONS // PAGE):
            answer = server.get(f"{API}/model-versions/search", max_results=str(PAGE), **query)
            page = self._registry.content(answer)
            yield from map(self._tagged, dicts(page.get("model_versions"))[:PAGE])
            if not isinstance(page.get("next_page_token"), str) or not page["next_page_token"]:
                return
            query["page_token"] = page["next_page_token"]

    def _tagged(self, version: dict[str, Any]) -> TaggedVersion:
        at = version.get("creation_timestamp")
        if not isinstance(at, int) or not 0 <= at < 10**14:
            raise self._registry.invalid("it names a version without the time of its registration")
        registered_at = datetime.fromtimestamp(at / 1000, UTC)
        return TaggedVersion(self._version(version.get("version")), registered_at, _tags(version))

    def _version(self, name: object) -> str:
        if not is_version(name):
            raise self._registry.invalid(f"it names version {quoted(name)}")
        return str(name)


def _tags(described: Mapping[str, Any]) -> dict[str, str]:
    pairs = ((tag.get("key"), tag.get("value")) for tag in dicts(described.get("tags")))
    return {key: value for key, value in pairs if isinstance(key, str) and isinstance(value, str)}
