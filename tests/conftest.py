"""Fixtures that several folders share, and the profile of hypothesis."""

import pytest
from hypothesis import HealthCheck, settings

from tests.support.mlflow_server import empty_mlflow_database, mlflow_server

__all__ = ["empty_mlflow_database", "mlflow_server"]

# A busy machine makes no test fail; function-scoped fixtures hold nothing that an example changes.
settings.register_profile(
    "project", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("project")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items):
    """Run the tests of MLflow's server and database in one process, so that they are made once."""
    for item in items:
        if "empty_mlflow_database" in item.fixturenames:
            item.add_marker(pytest.mark.xdist_group("mlflow"))
