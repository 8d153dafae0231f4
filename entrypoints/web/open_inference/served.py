"""Which model the protocol's paths are about."""

from collections.abc import Callable
from dataclasses import dataclass

from application.live_model import LiveModel
from domain.snapshot import Snapshot
from entrypoints.web.problems import Refused


@dataclass(frozen=True, slots=True)
class Served:
    """The only model, under the name that it is registered by."""

    live: Callable[[], LiveModel]
    name: str

    def __call__(self, name: str, version: str | None) -> Snapshot:
        """Return what is served as `version` of `name`; raise `NoModel` or `Refused`."""
        if name != self.name:
            raise Refused(404, "not_found", f"the only model here is {self.name}")
        snapshot = self.live().snapshot
        refuse_other_version(snapshot, version)
        return snapshot


def refuse_other_version(snapshot: Snapshot, version: str | None) -> None:
    """Raise `Refused` if a `version` is asked for and `snapshot` is of another."""
    if version not in (None, snapshot.version.name):
        raise Refused(404, "not_found", f"the only version served is {snapshot.version.name}")
