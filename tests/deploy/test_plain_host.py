"""Plain host: its systemd units, and nginx with a renewed certificate."""

import re
import shutil
import socket
import ssl
import subprocess
import sys

import pytest

from entrypoints.server.granian_server import KILL_AFTER_SECONDS
from entrypoints.settings import Settings, unknown_settings
from tests.support.certificates import certificates
from tests.support.deploy.proxy import HOST, proxy_of_a_host
from tests.support.program import answer

PAGE = HOST.parents[1] / "docs" / "plain-host.md"
# systemd's exposure times ten; it rises if a sandbox option is removed.
MAX_EXPOSURE = {"endeavour.service": 13, "endeavour-nginx.service": 26}
HEAD = b"POST /stream HTTP/1.1\r\nHost: localhost\r\nX-API-Key: any\r\nContent-Length: 10\r\n\r\n"


def test_units_are_valid_and_hardened(tmp_path):
    if not (analyze := shutil.which("systemd-analyze")):
        pytest.skip("systemd is not installed; GitHub's runners have it")
    for name, exposure in MAX_EXPOSURE.items():
        unit = tmp_path / name
        # systemd requires that the programs exist.
        unit.write_text(re.sub(r"(?m)^(Exec\w+=)\S+", rf"\1{sys.executable}", (HOST / name).read_text("utf-8")))

        verified = subprocess.run([analyze, "verify", unit], check=False, capture_output=True, text=True)
        words = ["security", "--offline=true", f"--threshold={exposure}", "--no-pager"]
        hardened = subprocess.run([analyze, *words, unit], check=False, capture_output=True, text=True)

        assert [line for line in verified.stderr.splitlines() if "endeavour" in line] == []
        assert hardened.returncode == 0, hardened.stdout


def test_settings_and_the_time_to_end_fit_the_program_and_the_page_installs_every_file(monkeypatch):
    lines = (HOST / "environment").read_text("utf-8").splitlines()
    variables = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    unit, page = (HOST / "endeavour.service").read_text("utf-8"), PAGE.read_text("utf-8")

    settings = Settings.from_environment()

    assert unknown_settings(variables) == []
    assert f"server {settings.host}:{settings.port} " in (HOST.parent / "k8s/base/web/nginx.conf").read_text("utf-8")
    assert int(re.search(r"TimeoutStopSec=(\d+)", unit)[1]) > KILL_AFTER_SECONDS
    assert all(f"deploy/systemd/{path.name}" in page or path.suffix == ".service" for path in HOST.iterdir())


def renew(folder, name):
    """Make a new certificate, put it where nginx reads it, and return a context that trusts it alone."""
    (folder / name).mkdir()
    made = certificates(folder / name, "localhost")
    for file in ("cert.pem", "key.pem"):
        shutil.copy(made.pair, folder / file)
    return ssl.create_default_context(cafile=str(made.authority))


def connected(port, context):
    return context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=15), server_hostname="localhost")


def is_trusted(port, context):
    try:
        connected(port, context).close()
    except ssl.SSLCertVerificationError:
        return False
    return True


@pytest.mark.e2e
@pytest.mark.xdist_group("web proxy")
def test_renewed_certificate_is_read_without_a_failed_request_and_a_wrong_one_is_named(server, tmp_path):
    first = renew(tmp_path, "first")
    with proxy_of_a_host(tmp_path, server.port) as proxy:
        with connected(proxy.port, first) as client:
            client.sendall(HEAD + b'{"X"')
            second = renew(tmp_path, "second")
            assert proxy.reload() == ""
            assert is_trusted(proxy.port, second)
            client.sendall(b": 0.2}")
            assert answer(client)[0] == 200

        (tmp_path / "cert.pem").write_text("nonsense")

        assert f'cannot load certificate "{tmp_path}/cert.pem"' in proxy.reload()
        assert is_trusted(proxy.port, second)
