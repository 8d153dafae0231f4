from contextlib import nullcontext

import pytest

from entrypoints.factories import dask
from entrypoints.settings import ConfigurationError, Settings


@pytest.fixture
def pem(tmp_path):
    path = tmp_path / "dask.pem"
    path.touch()
    return path


def cluster(monkeypatch, place, **files):
    for name, path in files.items():
        monkeypatch.setenv(f"ENDEAVOUR_DASK_TLS_{name.upper()}", str(path))
    return dask.cluster(Settings.from_environment(), place)


def test_cluster_is_made_of_its_address_and_of_the_files_that_tls_needs(monkeypatch, pem):
    assert isinstance(cluster(monkeypatch, ""), nullcontext)
    assert cluster(monkeypatch, "local:2").place == "local:2"
    assert cluster(monkeypatch, "tcp://dask:8786").place == "tcp://dask:8786"
    assert cluster(monkeypatch, "tls://dask:8786", ca=pem, cert=pem, key=pem).place == "tls://dask:8786"


def test_files_of_tls_that_are_missing_or_have_no_effect_are_named(monkeypatch, pem, tmp_path):
    for place, files, message in (
        ("tls://dask:8786", {"ca": pem}, "needs ENDEAVOUR_DASK_TLS_CERT, ENDEAVOUR_DASK_TLS_KEY"),
        ("tls://dask:8786", {"ca": pem, "cert": pem, "key": tmp_path / "none"}, "ENDEAVOUR_DASK_TLS_KEY names"),
        ("tcp://dask:8786", {"ca": pem}, "is not encrypted"),
    ):
        with monkeypatch.context() as changed, pytest.raises(ConfigurationError, match=message):
            cluster(changed, place, **files)
