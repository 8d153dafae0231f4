from dataclasses import replace

import pytest

from adapters.memory.traffic_log import InMemoryTrafficLog
from domain.monitoring.catalog import Catalog, ListedVersion
from domain.monitoring.change import What
from tests.support.examples import NOON, a_model
from tests.support.monitoring import a_change
from tests.support.rollouts import a_served_rollout, in_rollout
from tests.support.web.console_session import ConsoleSession
from tests.support.web.dependencies import monitoring, served_models


@pytest.fixture
def session(web):
    web.current_model.replace(in_rollout(a_model(), a_served_rollout(a_model(951.5), weight=500, stage=2)))
    return ConsoleSession(web)


@pytest.fixture
def with_versions(web):
    """A function that signs in where version 1 is in production, after version 0, and version 2 is another."""

    def signed_in(*roles):
        versions = (
            ListedVersion(
                name="2", trained_at=NOON, scores={"r2": 0.5, "rmse": 54.3}, digest="b" * 64, rejected="slow"
            ),
            ListedVersion(
                name="1", trained_at=NOON, scores={"r2": 0.4, "rmse": 55.0}, digest="a" * 64, rejected="error rose"
            ),
            ListedVersion(name="0", problem="its files are gone"),
        )
        changes = (a_change(1, What.PROMOTE, version="1", by="maria@host", why="new <quarter>"), a_change())
        catalog = Catalog(at=NOON, versions=versions, champion="1", previous="0", changes=changes)
        web.current_model.replace(served_models(a_model(), "1"))
        seen = replace(web, **monitoring(web.current_model, InMemoryTrafficLog(), catalog))
        return ConsoleSession(seen, *roles)

    return signed_in
