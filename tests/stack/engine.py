"""Container engine, and stacks on it with names and ports of their own."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.program import wait_until

ROOT = Path(__file__).parents[2]
DOCKER = shutil.which("docker") or "docker"
LABEL = "com.docker.compose"
# Finds the server, which is what a container's init has started, and its workers.
PROCESSES = """
import os, pathlib
found = {}
for place in pathlib.Path('/proc').glob('[0-9]*'):
    try:
        parent = int((place / 'stat').read_text().rpartition(')')[2].split()[1])
        words = (place / 'cmdline').read_bytes()
    except OSError:
        continue
    found[int(place.name)] = parent, words
server = next(pid for pid, (parent, words) in found.items() if parent == 1)
workers = [pid for pid, (parent, words) in found.items() if parent == server and b'registry_sync.process' not in words]
"""
ASK = """
import urllib.request as u
r = u.Request('http://{host}:8000/stream', b'{{"X": 0.2}}', {{'Content-Type': 'application/json'}})
a = u.urlopen(r)
print(a.headers['X-Model-Source'], a.read())
"""


def docker(*words: str, check: bool = True, given: str | None = None, seconds: float = 120) -> str:
    """Run the engine's client and return its standard output."""
    done = subprocess.run(
        [DOCKER, *words], check=False, capture_output=True, text=True, input=given, timeout=seconds, cwd=ROOT
    )
    assert not check or done.returncode == 0, f"docker {words}: {done.stderr}{done.stdout}"
    return done.stdout


def inspected(container: str) -> dict:
    """Return what the engine reports of a container."""
    return json.loads(docker("inspect", container))[0]


@cache
def why_not() -> str:
    """Return why no engine can be used, '' if one can."""
    if not shutil.which(DOCKER):
        return "docker is not installed"
    done = subprocess.run([DOCKER, "info"], check=False, capture_output=True, text=True, timeout=30)
    return "" if done.returncode == 0 else "no container engine answers `docker info`"


@cache
def compose_words() -> tuple[str, ...]:
    """Return the command of compose: a subcommand of the client, or a program of its own."""
    done = subprocess.run([DOCKER, "compose", "version"], check=False, capture_output=True, text=True, timeout=30)
    return (DOCKER, "compose") if done.returncode == 0 else ("docker-compose",)


@dataclass(frozen=True)
class Stack:
    """The compose project `name` of the compose `files`, with `variables` beside those of the environment."""

    name: str
    variables: dict[str, str]
    files: Sequence[str] = ("docker-compose.yml",)

    @property
    def port(self) -> int:
        """Port at which the load balancer is published."""
        return int(self.variables["ENDEAVOUR_PUBLISHED_PORT"])

    @property
    def page(self) -> int:
        """Port at which MLflow is published."""
        return int(self.variables["MLFLOW_PAGE_PORT"])

    def ended(self, *words: str, given: str | None = None, seconds: float = 600) -> subprocess.CompletedProcess[str]:
        """Run compose to its end, and return its exit code and output."""
        chosen = [word for file in self.files for word in ("--file", file)]
        command = [*compose_words(), "--project-name", self.name, *chosen, *words]
        env = {**os.environ, **self.variables}
        return subprocess.run(
            command, check=False, capture_output=True, text=True, input=given, timeout=seconds, cwd=ROOT, env=env
        )

    def compose(self, *words: str, check: bool = True, given: str | None = None, seconds: float = 600) -> str:
        """Run compose and return its standard output."""
        done = self.ended(*words, given=given, seconds=seconds)
        assert not check or done.returncode == 0, f"{words}: {done.stderr[-4000:]}{done.stdout[-2000:]}"
        return done.stdout

    def endeavour(self, *words: str) -> Any:
        """Run a command of `endeavour` as a job of the stack and return the JSON that it prints."""
        text = self.compose("run", "--rm", "-T", "train", *words, "--json")
        # compose may print the names of services that it started before it.
        start = re.search(r"^[\[{]", text, re.MULTILINE)
        assert start, text
        return json.loads(text[start.start() :])

    def containers(self, service: str) -> list[str]:
        """Return the ids of the service's containers."""
        # The engine is asked because compose takes most of a second, and tests wait in loops.
        labels = {"project": self.name, "service": service, "oneoff": "False"}
        filters = [word for name, text in labels.items() for word in ("--filter", f"label={LABEL}.{name}={text}")]
        return docker("ps", "--all", "--quiet", "--no-trunc", *filters).split()

    def container(self, service: str) -> str:
        """Return the id of the service's only container."""
        found = self.containers(service)
        assert len(found) == 1, f"{service} has {len(found)} containers"
        return found[0]

    def state(self, service: str) -> dict:
        """Return what the engine reports of the service's container."""
        return inspected(self.container(service))

    def start(self, *services: str, waits_for: str = "nginx", seconds: float = 90) -> None:
        """Start services, and return as soon as `waits_for` is healthy."""
        self.compose("up", "--detach", "--no-build", *services)
        self.wait_until_healthy(waits_for, seconds=seconds)

    def wait_until_healthy(self, *services: str, seconds: float = 240) -> None:
        wait_until(lambda: all(self.health(service) == "healthy" for service in services), seconds, every=1)

    @contextmanager
    def removed(self) -> Iterator[None]:
        """Remove the project with its volumes afterwards, and fail if it leaves something."""
        try:
            yield
        finally:
            self.compose("--profile", "observability", "down", "--volumes", "--timeout", "5", check=False)
        assert not any(self.leftovers().values())

    def health(self, service: str) -> str:
        state = self.state(service)["State"]
        return state["Health"]["Status"] if state["Running"] and "Health" in state else state["Status"]

    def python(self, service: str, program: str, check: bool = True) -> str:
        """Run a program in the service's container."""
        return docker("exec", self.container(service), "python", "-c", program, check=check)

    def kill(self, service: str, process: str) -> None:
        """Kill the `server` of a replica or one of its `workers[…]`; the end of the server ends the program too."""
        self.python(service, f"{PROCESSES}os.kill({process}, 9)", check=process != "server")

    def leftovers(self) -> dict[str, str]:
        """Return the ids of the project's objects on the engine, by kind."""
        label = f"label={LABEL}.project={self.name}"
        return {
            kind: docker(kind, "ls", "--quiet", *(["--all"] if kind == "container" else []), "--filter", label)
            for kind in ("container", "network", "volume")
        }
