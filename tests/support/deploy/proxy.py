"""Proxies in front of servers: real nginx with the files of a pod, a plain host or the stack, on free ports."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import pytest

from tests.support.deploy.manifests import BASE
from tests.support.program import children_of, command_line, free_port, wait_until

POD = BASE / "web"
HOST = BASE.parents[1] / "systemd"
STACK = BASE.parents[2] / "docker" / "nginx"


class Proxy:
    """One nginx with the `files` of its configuration, texts by name; it ends with its context.

    `probes` is the port for Kubernetes or Prometheus, and `within` are the words of a program that starts nginx.
    """

    def __init__(
        self, folder: Path, files: dict[str, str], port: int, probes: int = 0, within: Sequence[str] = ()
    ) -> None:
        self.port, self.probes = port, probes
        requests = _replaced(_text(POD / "requests.conf"), _temporary(folder))
        for name, text in {"requests.conf": requests, **files}.items():
            (folder / name).write_text(text, encoding="utf-8")
        self.log = folder / "log"
        # nginx that is started as root has workers of another user, who may not read the folder.
        user = "user root;" if os.geteuid() == 0 else ""
        self._words = [nginx(), "-c", str(folder / "nginx.conf"), "-g", f"daemon off; {user}"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([*within, *self._words], stdout=log, stderr=log)
        wait_until(lambda: self.process.poll() is not None or (folder / "nginx.pid").exists())
        assert self.process.poll() is None, self.log.read_text()

    def reload(self) -> str:
        """Reload nginx as its unit does, and return the error in its files, '' if they have none.

        The old workers accept connections for a tenth of a second beside the new ones, and none after the return.
        """
        tried = subprocess.run([*self._words, "-t", "-q"], check=False, capture_output=True, text=True)
        if tried.returncode == 0:
            before = self._accepting_workers()
            self.process.send_signal(signal.SIGHUP)
            wait_until(lambda: self._accepting_workers() and before.isdisjoint(self._accepting_workers()))
        return tried.stderr

    def _accepting_workers(self) -> set[int]:
        """Return the ids of the workers that do not shut down."""
        words = {pid: command_line(pid) for pid in children_of(self.process.pid)}
        return {pid for pid, of_worker in words.items() if of_worker.rstrip().endswith("worker process")}

    def finish(self) -> None:
        """Send nginx the signal of the pod's end: it answers accepted requests and accepts no more."""
        self.process.send_signal(signal.SIGQUIT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(10)


def nginx() -> str:
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None and not os.environ.get("CI"):
        pytest.skip("nginx is not installed; CI has it")
    assert program, "CI must have nginx"
    return program


def proxy_of_a_pod(folder: Path, server: int, within: Sequence[str] = ()) -> Proxy:
    """Start the proxy of a web pod before the server at port `server`; loopback is where its ingress controller is."""
    port, probes = free_port(), free_port()
    entry = {"listen 8080": f"listen 127.0.0.1:{port}", "set_real_ip_from 10.0.0.0/8": "set_real_ip_from 127.0.0.1"}
    files = {
        "nginx.conf": _before(server, folder),
        "listen.conf": _replaced(_text(POD / "listen.conf"), entry),
        "probes.conf": _replaced(_text(POD / "probes.conf"), {"listen 8081": f"listen 127.0.0.1:{probes}"}),
    }
    return Proxy(folder, files, port, probes, within)


def proxy_of_a_host(folder: Path, server: int) -> Proxy:
    """Start the proxy of a plain host before the server at port `server`, with the certificate in `folder`."""
    port = free_port()
    entry = {"listen 443": f"listen 127.0.0.1:{port}", "listen [::]:443 ssl;": "", "/etc/endeavour/tls": str(folder)}
    listen = _replaced(_text(HOST / "listen.conf"), entry)
    return Proxy(folder, {"nginx.conf": _before(server, folder), "listen.conf": listen}, port)


def _before(server: int, folder: Path) -> str:
    """Return the `nginx.conf` that pods and plain hosts share, for a server at port `server`."""
    return _replaced(_text(POD / "nginx.conf"), {**_temporary(folder), "127.0.0.1:8000": f"127.0.0.1:{server}"})


def proxy_of_the_stack(
    folder: Path, server: int, within: Sequence[str] = (), extra: dict[str, str] | None = None, **given: str
) -> Proxy:
    """Start the published load balancer of the stack; both of its replicas are the server at port `server`.

    `extra` are texts of its template and what replaces them, and `given` are variables of the stack.
    """
    port, metrics = free_port(), free_port()
    variables = {
        "ADVERTISED_ADDRESS": "0.0.0.0",  # noqa: S104  # a value for nginx
        "MAX_BODY_BYTES": "4194304",
        "MAX_CONNECTIONS": "64",
        "MAX_RATE": "5000",
        **variables_of_start(folder / "tls"),
        **given,
    }
    template = _text(STACK / "templates" / "endeavour.conf.template")
    site = _replaced(
        re.sub(r"\$\{ENDEAVOUR_(\w+)\}", lambda name: variables[name[1]], template),
        {
            "listen 8000": f"listen 127.0.0.1:{port}",
            "listen 9101": f"listen 127.0.0.1:{metrics}",
            "http://web:8000": "http://web",
            **(extra or {}),
        },
    )
    replicas = f"upstream web {{ {f'server 127.0.0.1:{server} max_fails=0; ' * 2} }}"
    text = _replaced(
        _text(STACK / "nginx.conf"),
        {
            **_temporary(folder),
            "include /etc/nginx/mime.types;": "",
            "include /etc/nginx/conf.d/*.conf;": f"{replicas}\n{site}",
        },
    )
    return Proxy(folder, {"nginx.conf": text}, port, metrics, within)


def variables_of_start(tls: Path) -> dict[str, str]:
    """Return the variables that the start of nginx in the stack adds, if `tls` is the folder of the certificate."""
    tls.mkdir(exist_ok=True)
    script = _replaced(_text(STACK / "start.sh"), {"/etc/nginx/tls": str(tls), "/docker-entrypoint.sh": "env"})
    done = subprocess.run(["/bin/sh", "-c", script], check=True, capture_output=True, text=True)
    variables = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    return {name: variables[f"ENDEAVOUR_{name}"] for name in ("TLS", "CERTIFICATE")}


def _temporary(folder: Path) -> dict[str, str]:
    """Return the replacement of /tmp, which pod, stack and unit have for themselves."""
    return {"/tmp/": f"{folder}/"}  # noqa: S108  # as above


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def _replaced(text: str, places: dict[str, str]) -> str:
    for theirs, ours in places.items():
        assert theirs in text
        text = text.replace(theirs, ours)
    return text
