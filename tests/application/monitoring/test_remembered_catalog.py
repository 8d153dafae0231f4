from itertools import count

from application.monitoring.remembered_catalog import RememberedCatalog
from domain.monitoring.catalog import Catalog
from domain.ports import VersionCatalog
from tests.support.examples import NOON


class CountingCatalog(VersionCatalog):
    def __init__(self):
        self._reads = count(1)

    def read(self):
        return Catalog(at=NOON, older=next(self._reads))


def test_catalog_is_read_again_after_two_seconds():
    seconds = iter([0.0, 1.9, 2.1, 4.0])
    catalog = RememberedCatalog(CountingCatalog(), lambda: next(seconds))

    assert [catalog.read().older for _ in range(4)] == [1, 1, 2, 2]
