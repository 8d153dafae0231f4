"""A real Redis of the test's own, on a free port."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import redis

from tests.entrypoints.serving.program import free_port, wait_until


class RedisServer:
    """One process, which can be stopped and started again under the same address."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server")
        if program is None and not os.environ.get("CI"):
            pytest.skip("redis-server is not installed; CI has it")
        assert program, "CI must have redis-server"
        self._program, self._folder, self._port = program, folder, free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self.start()

    def start(self) -> None:
        words = ["--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._folder)]
        self._process = subprocess.Popen([self._program, *words], stdout=subprocess.DEVNULL)
        wait_until(self._answers)

    def _answers(self) -> bool:
        with redis.Redis.from_url(self.url) as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False

    def freeze(self) -> None:
        self._process.send_signal(19)

    def thaw(self) -> None:
        self._process.send_signal(18)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
