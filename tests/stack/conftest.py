"""Fixtures of one stack for all tests of this folder, built from this checkout and removed afterwards."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stack.asking import Answer, answers, served
from tests.stack.engine import ROOT, Stack, docker, why_not
from tests.support.program import free_port, wait_until


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests of the stack on a machine without a container engine."""
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
    with stack.removed():
        prepare_prometheus(stack)
        stack.start("nginx", "mlflow")
        yield stack


@pytest.fixture(scope="session")
def bundled(stack: Stack) -> list[Answer]:
    """The answers of the load balancer before a training."""
    return answers(stack)


@pytest.fixture(scope="session")
def trained(stack: Stack, bundled: list[Answer]) -> dict[str, Any]:
    """The output of a training, whose model both replicas serve."""
    assert bundled
    stack.wait_until_healthy("mlflow")
    training: dict[str, Any] = stack.endeavour("train")
    wait_until(lambda: served(stack) == {(training["version"], "registry")}, seconds=10, every=0.1)
    return training


def new_stack(images: dict[str, str], secrets: Path, **variables: str) -> Stack:
    """Return a stack with a name and ports of its own."""
    port, page = str(free_port()), str(free_port())
    places = {"ENDEAVOUR_PUBLISHED_PORT": port, "MLFLOW_PAGE_PORT": page, "ENDEAVOUR_SECRETS": str(secrets)}
    return Stack(f"endeavour-e2e-{port}", {**images, **places, **variables})


def prepare_prometheus(stack: Stack) -> None:
    """Give Prometheus its volume, as the published image does; other images lack the folder."""
    volume = f"{stack.name}_prometheus"
    labels = ["--label", f"com.docker.compose.project={stack.name}", "--label", "com.docker.compose.volume=prometheus"]
    docker("volume", "create", *labels, volume)
    image = stack.variables["ENDEAVOUR_SERVE_IMAGE"]
    words = ["--user", "0", "--network", "none", "--entrypoint", "chown", "--volume", f"{volume}:/prometheus"]
    docker("run", "--rm", *words, image, "65534:65534", "/prometheus")
