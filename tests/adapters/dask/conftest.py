"""The cluster that the tests of this folder share."""

from collections.abc import Iterator

import pytest

from adapters.dask.cluster import DaskCluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[DaskCluster]:
    with DaskCluster("local:2") as connected:
        yield connected
