"""One stack for all tests of this folder, built from what is here and gone afterwards."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stack.asking import Answers, answers, served
from tests.stack.engine import ROOT, Stack, docker, why_not
from tests.support.program import free_port, wait_until


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests of the stack where there is nothing to run it on."""
    for item in items:
        if item.get_closest_marker("stack") and (why := why_not()):
            item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture(scope="session")
def images() -> dict[str, str]:
    """The variables that name images which were built from this checkout."""
    version = os.environ.get("PYTHON_VERSION", "3.13")
    names = {}
    for target in ("serve", "train", "mlflow"):
        names[f"ENDEAVOUR_{target.upper()}_IMAGE"] = image = f"endeavour/{target}:e2e"
        words = ["--build-arg", f"PYTHON_VERSION={version}", "--build-arg", "REVISION=e2e", "--build-arg", "VERSION=0"]
        docker("build", "--file", "docker/Dockerfile", "--target", target, "--tag", image, *words, ".", seconds=1800)
    return names


@pytest.fixture(scope="session")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `make secrets` makes it; that of the checkout may belong to a running stack."""
    folder = tmp_path_factory.mktemp("stack") / "secrets"
    subprocess.run([ROOT / "docker" / "secrets.sh", folder], check=True)
    return folder


@pytest.fixture(scope="session")
def stack(images: dict[str, str], secrets: Path) -> Iterator[Stack]:
    """The stack, with nginx and the replicas healthy; MLflow may still be starting."""
    stack = new_stack(images, secrets)
    try:
        prepare_prometheus(stack)
        stack.compose("up", "--detach", "--no-build", "nginx", "mlflow")
        wait_until(lambda: stack.health("nginx") == "healthy", seconds=90, every=1)
        yield stack
    finally:
        stack.compose("--profile", "observability", "down", "--volumes", "--timeout", "5", check=False)
    assert not any(stack.leftovers().values())


@pytest.fixture(scope="session")
def bundled(stack: Stack) -> Answers:
    """What the load balancer answered before anything was trained."""
    return answers(stack)


@pytest.fixture(scope="session")
def trained(stack: Stack, bundled: Answers) -> dict[str, Any]:
    """The facts of a training, whose model both replicas serve."""
    assert bundled
    wait_until(lambda: stack.health("mlflow") == "healthy", seconds=240, every=2)
    facts: dict[str, Any] = stack.endeavour("train")
    wait_until(lambda: served(stack) == {(facts["version"], "registry")}, seconds=10, every=0.1)
    return facts


def new_stack(images: dict[str, str], secrets: Path, **variables: str) -> Stack:
    """Return a stack with a name and ports of its own."""
    port, page = str(free_port()), str(free_port())
    places = {"ENDEAVOUR_PUBLISHED_PORT": port, "MLFLOW_PAGE_PORT": page, "ENDEAVOUR_SECRETS": str(secrets)}
    return Stack(f"endeavour-e2e-{port}", {**images, **places, **variables})


def prepare_prometheus(stack: Stack) -> None:
    """Give Prometheus' volume to it, as the published image does, and one that has no such folder does not."""
    volume = f"{stack.name}_prometheus"
    labels = ["--label", f"com.docker.compose.project={stack.name}", "--label", "com.docker.compose.volume=prometheus"]
    docker("volume", "create", *labels, volume)
    image = stack.variables["ENDEAVOUR_SERVE_IMAGE"]
    words = ["--user", "0", "--network", "none", "--entrypoint", "chown", "--volume", f"{volume}:/prometheus"]
    docker("run", "--rm", *words, image, "65534:65534", "/prometheus")
