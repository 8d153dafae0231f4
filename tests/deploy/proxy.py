"""The proxy of a web pod: a real nginx with the file that the pod has, on free ports."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.deploy.manifests import BASE
from tests.entrypoints.serving.program import free_port, wait_until

FILE = BASE / "web" / "nginx.conf"


class Proxy:
    """One nginx before the server at `port`; it has ended when `stop` returns."""

    def __init__(self, folder: Path, port: int) -> None:
        program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        if program is None and not os.environ.get("CI"):
            pytest.skip("nginx is not installed; CI has it")
        assert program, "CI must have nginx"
        self.port, self.probes = free_port(), free_port()
        text = FILE.read_text(encoding="utf-8").replace("/tmp/", f"{folder}/")  # noqa: S108  # the pod's own
        for ours, there in ((port, "127.0.0.1:8000"), (self.port, "listen 8080"), (self.probes, "listen 8081")):
            assert there in text
            text = text.replace(there, there[:-4] + str(ours))
        file = folder / "nginx.conf"
        file.write_text(text, encoding="utf-8")
        self.log = folder / "log"
        with self.log.open("wb") as log:
            # As root, nginx would become another user, who may not see the folder; in the pod it is nobody special.
            user = "user root;" if os.geteuid() == 0 else ""
            self.process = subprocess.Popen([program, "-c", file, "-g", f"daemon off; {user}"], stderr=log)
        wait_until((folder / "nginx.pid").exists)

    def finish(self) -> None:
        """Tell nginx what the pod's end tells it: answer what was accepted, and accept no more."""
        self.process.send_signal(signal.SIGQUIT)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
