"""The proxies before the servers: a real nginx with the files of a web pod or of the stack, on free ports."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.deploy.manifests import BASE
from tests.support.program import free_port, wait_until

OF_A_POD = BASE / "web" / "nginx.conf"
REQUESTS = (BASE / "web" / "requests.conf").read_text(encoding="utf-8")
OF_THE_STACK = BASE.parents[2] / "docker" / "nginx"


class Proxy:
    """One nginx with the configuration `text`; it has ended when `stop` returns.

    `probes` is the port for Kubernetes or Prometheus, and `within` are the words of a program that starts nginx.
    """

    def __init__(self, folder: Path, text: str, port: int, probes: int, within: Sequence[str]) -> None:
        self.port, self.probes = port, probes
        file = folder / "nginx.conf"
        (folder / "requests.conf").write_text(REQUESTS.replace("/tmp/", f"{folder}/"), encoding="utf-8")  # noqa: S108  # the pod's own
        file.write_text(text, encoding="utf-8")
        self.log = folder / "log"
        with self.log.open("wb") as log:
            # As root, nginx would become another user, who may not see the folder; in the pod it is nobody special.
            user = "user root;" if os.geteuid() == 0 else ""
            words = [*within, nginx(), "-c", str(file), "-g", f"daemon off; {user}"]
            self.process = subprocess.Popen(words, stdout=log, stderr=log)
        wait_until(lambda: self.process.poll() is not None or (folder / "nginx.pid").exists())
        assert self.process.poll() is None, self.log.read_text()

    def finish(self) -> None:
        """Tell nginx what the pod's end tells it: answer what was accepted, and accept no more."""
        self.process.send_signal(signal.SIGQUIT)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def nginx() -> str:
    """Return the path of the program."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None and not os.environ.get("CI"):
        pytest.skip("nginx is not installed; CI has it")
    assert program, "CI must have nginx"
    return program


def proxy_of_a_pod(folder: Path, server: int, within: Sequence[str] = ()) -> Proxy:
    """Start the proxy of a web pod before the server at port `server`; loopback is where its ingress controller is."""
    port, probes = free_port(), free_port()
    text = _replaced(
        OF_A_POD.read_text(encoding="utf-8"),
        {
            "/tmp/": f"{folder}/",  # noqa: S108  # the pod's own
            "127.0.0.1:8000": f"127.0.0.1:{server}",
            "listen 8080": f"listen 127.0.0.1:{port}",
            "listen 8081": f"listen 127.0.0.1:{probes}",
            "set_real_ip_from 10.0.0.0/8": "set_real_ip_from 127.0.0.1",
        },
    )
    return Proxy(folder, text, port, probes, within)


def proxy_of_the_stack(
    folder: Path, server: int, within: Sequence[str] = (), extra: dict[str, str] | None = None, **given: str
) -> Proxy:
    """Start the published load balancer of the stack; both of its replicas are the server at port `server`.

    `extra` are texts of its template and what replaces them, and `given` are variables of the stack.
    """
    port, metrics = free_port(), free_port()
    variables = {
        "ADVERTISED_ADDRESS": "0.0.0.0",  # noqa: S104  # as an operator says
        "MAX_BODY_BYTES": "4194304",
        "MAX_CONNECTIONS": "64",
        "MAX_RATE": "5000",
        "TLS": "",
        **given,
    }
    template = (OF_THE_STACK / "templates" / "endeavour.conf.template").read_text(encoding="utf-8")
    site = _replaced(
        re.sub(r"\$\{ENDEAVOUR_(\w+)\}", lambda name: variables[name[1]], template),
        {
            "listen 8000": f"listen 127.0.0.1:{port}",
            "listen 9101": f"listen 127.0.0.1:{metrics}",
            "http://web:8000": "http://web",
            "/etc/nginx/tls*": f"{folder}/tls*",
            **(extra or {}),
        },
    )
    replicas = f"upstream web {{ {f'server 127.0.0.1:{server} max_fails=0; ' * 2} }}"
    text = _replaced(
        (OF_THE_STACK / "nginx.conf").read_text(encoding="utf-8"),
        {
            "/tmp/": f"{folder}/",  # noqa: S108  # the container's own
            "include /etc/nginx/mime.types;": "",
            "include /etc/nginx/conf.d/*.conf;": f"{replicas}\n{site}",
        },
    )
    return Proxy(folder, text, port, metrics, within)


def _replaced(text: str, places: dict[str, str]) -> str:
    for theirs, ours in places.items():
        assert theirs in text
        text = text.replace(theirs, ours)
    return text
