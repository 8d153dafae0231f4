"""Route map: finds the route of a known path by one look into a dict, where Werkzeug takes 4 µs for each part."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from werkzeug.routing import Map, MapAdapter, Rule

# Paths with variables that are kept, and characters of each, at most, because clients choose both.
MAX_KEPT_PATHS, MAX_PATH_CHARACTERS = 64, 200
# A rule, and the values of its variables.
Route = tuple[Rule, Mapping[str, Any]]


class RouteMap(Map):
    """The rules of the application; Flask adds none once it answers requests."""

    @cached_property
    def routes_without_variables(self) -> Mapping[tuple[str, str], Route]:
        """By path and method."""
        rules = (rule for rule in self.iter_rules() if not rule.arguments)
        return {(rule.rule, method): (rule, {}) for rule in rules for method in rule.methods or ()}

    @cached_property
    def kept_routes(self) -> dict[tuple[str, str], Route]:
        """Routes with variables by path and method: those of the last requests."""
        return {}


class RouteAdapter(MapAdapter):
    """Finds the route of one request by path and method alone, because no URL is made of its host or scheme."""

    def __init__(self, routes: RouteMap, path: str, method: str) -> None:
        super().__init__(routes, "", "/", "", "http", path, method)
        self._kept, self._key = routes.kept_routes, (path, method)
        self._found = routes.routes_without_variables.get(self._key) or self._kept.get(self._key)

    def match(self, *args: Any, **options: Any) -> Any:
        """Return the rule and the values of its variables, or raise as `MapAdapter.match` does; Flask's only call."""
        if self._found is not None:
            return self._found
        found: Route = super().match(*args, **options)
        if len(self.path_info) <= MAX_PATH_CHARACTERS:
            if len(self._kept) >= MAX_KEPT_PATHS:
                self._kept.clear()
            self._kept[self._key] = found
        return found
