"""A real server under test, its processes, and its HTTP clients."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Self

import orjson

NOT_OURS = ("ENDEAVOUR_", "MLFLOW_", "OTEL_")
INHERITED = {name: value for name, value in os.environ.items() if not name.startswith(NOT_OURS)}
JSON = {"Content-Type": "application/json"}
START = "from entrypoints.main import main; main()"
# Arguments of `Program` beside settings.
NOT_SETTINGS = ("environment", "words", "cwd", "before", "under")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition: Callable[[], object], seconds: float = 15, every: float = 0.02) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not hold in time"
        time.sleep(every)


def refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except ConnectionRefusedError:
        return True
    return False


def run_command(*words: str, cwd: Path | None = None, check: bool = True, **variables: object) -> CompletedProcess[str]:
    """Run `endeavour` with these words and variables to its end."""
    command = [sys.executable, "-m", "entrypoints", *words]
    env = INHERITED | {name: str(value) for name, value in variables.items()}
    return subprocess.run(command, cwd=cwd, env=env, check=check, capture_output=True, text=True)


class Program:
    """`endeavour serve` as a process of its own, which runs the statements `before` first, or under another command.

    The context manager waits until the server is ready and ends it.
    """

    def __init__(self, artifacts: Path, **settings: object) -> None:
        self.port = int(settings.get("port") or free_port())
        mine = {"data_dir": artifacts, "store": "csv", **settings, "port": self.port}
        variables = {
            f"ENDEAVOUR_{name.upper()}": str(value) for name, value in mine.items() if name not in NOT_SETTINGS
        }
        self.output: list[bytes] = []
        self.err_path = artifacts.parent / f"err-{self.port}"
        self._err = self.err_path.open("wb")
        program = ("-c", f"{settings['before']}\n{START}") if "before" in settings else ("-m", "entrypoints")
        self.process = subprocess.Popen(
            [*settings.get("under", ()), sys.executable, *program, "serve", *settings.get("words", ())],
            cwd=settings.get("cwd"),
            env={**INHERITED, **variables, **dict(settings.get("environment") or {})},
            stdout=subprocess.PIPE,
            stderr=self._err,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        self.wait_until_ready()
        return self

    def __exit__(self, *_: object) -> None:
        self.clean_up()

    @property
    def err(self) -> str:
        return self.err_path.read_text()

    def logged(self, event: str) -> list[dict[str, object]]:
        """Return every log line of `event`."""
        return [line for line in log_lines(self.err) if line["event"] == event]

    def wait_until_ready(self, lines: int = 3) -> list[bytes]:
        """Return the lines that the program prints when it is ready: one if there is no model, else three."""
        assert self.process.stdout
        self.output = [self.process.stdout.readline() for _ in range(lines)]
        return self.output

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Send one request on a connection of its own."""
        return requested(self.port, method, path, body, **headers)

    def served(self, times: int = 20) -> set[tuple[str, str]]:
        """Return the versions and origins that answer; each request reaches either worker."""
        answers = [self.ask("POST", "/stream", {"X": 0.2}) for _ in range(times)]
        assert {status for status, _, _ in answers} == {200}
        return {(headers["x-model-version"], headers["x-model-source"]) for _, headers, _ in answers}

    def is_answering(self) -> bool:
        try:
            return self.ask("GET", "/livez")[0] == 200
        except OSError:
            return False

    @contextlib.contextmanager
    def connection(self) -> Iterator[http.client.HTTPConnection]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            yield connection
        finally:
            connection.close()

    def socket(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=15)

    def children(self) -> dict[int, str]:
        """Return the command lines of the processes it has started, by process id."""
        return {pid: command_line(pid) for pid in children_of(self.process.pid)}

    def workers(self) -> list[int]:
        return [pid for pid, words in self.children().items() if "registry_sync.process" not in words]

    def registry_syncs(self) -> list[int]:
        return [pid for pid, words in self.children().items() if "registry_sync.process" in words]

    def end(self, number: int = signal.SIGTERM, seconds: float = 15) -> int:
        """Send the signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(seconds)

    def clean_up(self) -> None:
        """End all processes, which are a session of their own."""
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(12)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()
        self._err.close()


def log_lines(text: str) -> list[dict[str, object]]:
    """Return the members of every whole line of a log."""
    return [orjson.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def ask(
    connection: http.client.HTTPConnection, method: str, path: str, body: object = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    data = body if isinstance(body, bytes | None) else orjson.dumps(body)
    connection.request(method, path, data, {**JSON, **{name.replace("_", "-"): text for name, text in headers.items()}})
    response = connection.getresponse()
    return response.status, {name.lower(): text for name, text in response.getheaders()}, response.read()


def requested(
    port: int, method: str, path: str, body: object = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Send one request on a connection of its own to the server at `port`."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=15)) as connection:
        return ask(connection, method, path, body, **headers)


def answer(sock: socket.socket) -> tuple[int, bytes]:
    """Return the status and the body of one response."""
    with contextlib.closing(http.client.HTTPResponse(sock)) as response:
        response.begin()
        return response.status, response.read()


def children_of(pid: int) -> list[int]:
    """Return the processes that any thread of the process has started."""
    found: list[int] = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found += map(int, listed.read_text().split())
    return found


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def is_alive(pid: int) -> bool:
    """Return whether the process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
