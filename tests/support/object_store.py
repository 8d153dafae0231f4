"""Object store: moto's server, which speaks S3 over HTTP, and a relay that counts and watches what is read."""

import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from pyarrow import fs

from tests.support.program import free_port, refuses, wait_until

PROGRAM = Path(__file__).parents[2] / ".venv-s3" / "bin" / "moto_server"
START_SECONDS = 60
KEYS = {"AWS_ACCESS_KEY_ID": "an-id", "AWS_SECRET_ACCESS_KEY": "a-secret", "AWS_EC2_METADATA_DISABLED": "true"}


@dataclass(frozen=True)
class Bucket:
    """A bucket of the server at `endpoint`, which is written to without the reader's help."""

    endpoint: str
    name: str

    @property
    def place(self) -> str:
        return f"s3://{self.name}"

    @property
    def variables(self) -> dict[str, str]:
        """The environment of a program that reads the bucket."""
        return KEYS | {"AWS_ENDPOINT_URL": self.endpoint}

    def put(self, key: str, content: bytes) -> str:
        """Write an object and return its place."""
        store = writer(self.endpoint)
        store.create_dir(self.name)
        with store.open_output_stream(f"{self.name}/{key}", compression=None) as stream:
            stream.write(content)
        return f"{self.place}/{key}"

    def upload(self, folder: Path, prefix: str = "") -> str:
        """Write every file below a folder, and return the place of the prefix."""
        for path in folder.rglob("*"):
            if path.is_file():
                self.put(f"{prefix}{path.relative_to(folder)}", path.read_bytes())
        return f"{self.place}/{prefix}"


@cache  # building another one waits for the requests that are under way
def writer(endpoint: str) -> fs.S3FileSystem:
    """Return a client that may write to the server."""
    keys = {"access_key": KEYS["AWS_ACCESS_KEY_ID"], "secret_key": KEYS["AWS_SECRET_ACCESS_KEY"]}
    return fs.S3FileSystem(endpoint_override=endpoint, allow_bucket_creation=True, allow_delayed_open=True, **keys)


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with no buckets, one for the whole session."""
    if not PROGRAM.exists():
        pytest.skip("`make .venv-s3/done` installs the server")
    port = free_port()
    with (tmp_path_factory.mktemp("object-store") / "server.log").open("wb") as log:
        command = [PROGRAM, "--host", "127.0.0.1", "--port", str(port)]
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_until(lambda: not refuses(port), START_SECONDS)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def bucket(object_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """A bucket of the test's own, which exists once an object is put; the environment has its address."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    name = "".join(letter for letter in tmp_path.name.lower() if letter.isalnum())[-40:]
    found = Bucket(object_store, f"{name}-{tmp_path.parent.name[-4:].strip('-')}-{os.getpid()}")
    for variable, value in found.variables.items():
        monkeypatch.setenv(variable, value)
    return found


@dataclass
class Relay:
    """What passes between clients and a server."""

    endpoint: str
    received: int = 0
    """Bytes that the server has sent, with headers."""
    asked: list[str] = field(default_factory=list)
    """The first line of each request."""
    before: dict[int, Callable[[], object]] = field(default_factory=dict)
    """What is done before the GET of an object with this number, counted from 1, is passed on."""

    def watch(self, request: bytes) -> None:
        line = request.partition(b"\r\n")[0].decode(errors="replace")
        if line.endswith(" HTTP/1.1"):
            self.asked.append(line)
            if self.is_read(line):
                self.before.get(sum(map(self.is_read, self.asked)), lambda: None)()

    def count(self, answer: bytes) -> None:
        self.received += len(answer)

    @staticmethod
    def is_read(line: str) -> bool:
        return line.startswith("GET ") and "list-type" not in line


@contextmanager
def relayed(endpoint: str) -> Iterator[Relay]:
    """Pass connections on to a server, and count what it sends."""
    host, _, port = endpoint.removeprefix("http://").partition(":")
    ends: list[socket.socket] = []
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    relay = Relay(f"http://127.0.0.1:{listener.getsockname()[1]}")

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, server = listener.accept()[0], socket.create_connection((host, int(port)))
                ends.extend((client, server))
                threads.append(started(pump, client, server, relay.watch))
                threads.append(started(pump, server, client, relay.count))

    threads = [started(accept)]
    try:
        yield relay
    finally:
        for end in (listener, *ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()
        for end in (listener, *ends):
            end.close()


def started(work: Callable[..., object], *arguments: object) -> threading.Thread:
    thread = threading.Thread(target=work, args=arguments, daemon=True)
    thread.start()
    return thread


def pump(source: socket.socket, target: socket.socket, note: Callable[[bytes], None]) -> None:
    """Pass on what one end sends, until it ends or `note` raises `OSError`; then both ends are closed."""
    with suppress(OSError):
        while content := source.recv(1024 * 1024):
            note(content)
            target.sendall(content)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
