"""Catalog in a file: read as it was published, and parsed once."""

import pytest

from adapters.files import version_catalog
from adapters.files.version_catalog import FileVersionCatalog
from domain.errors import StoreUnavailable
from tests.domain.monitoring.test_records import CATALOG


def test_catalog_is_read_as_it_was_published_and_parsed_once(tmp_path, mocker):
    catalog = FileVersionCatalog(tmp_path / "catalog")
    assert catalog.read() is None

    FileVersionCatalog(tmp_path / "catalog").publish(CATALOG)
    assert catalog.read() == CATALOG
    parse = mocker.spy(version_catalog, "catalog_from")

    assert catalog.read() == CATALOG
    assert not parse.called


def test_catalog_that_cannot_be_read_or_written_is_unavailable(tmp_path):
    (tmp_path / "catalog").write_text("{}")
    with pytest.raises(StoreUnavailable, match="catalog of the registry sync"):
        FileVersionCatalog(tmp_path / "catalog").read()
    with pytest.raises(StoreUnavailable, match="catalog of the registry sync"):
        FileVersionCatalog(tmp_path / "none" / "catalog").publish(CATALOG)
