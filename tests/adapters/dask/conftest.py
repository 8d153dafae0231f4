"""The cluster that the tests of this folder share."""

from collections.abc import Iterator

import pytest

from adapters.dask.cluster import DaskCluster


# Of the folder, and not of the session: while it runs, Dask watches the garbage collector of this process.
@pytest.fixture(scope="package")
def cluster() -> Iterator[DaskCluster]:
    with DaskCluster("local:2") as connected:
        yield connected
