import pytest

from tests.support.program import Program


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Program(tmp_path_factory.mktemp("server") / "artifacts", trusted_proxies="127.0.0.1") as program:
        yield program
