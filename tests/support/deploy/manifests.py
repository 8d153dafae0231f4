"""Kubernetes objects under deploy/k8s, by kind, pod and container."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

K8S = Path(__file__).parents[3] / "deploy" / "k8s"
BASE = K8S / "base"
Object = dict[str, Any]


class Manifests:
    """Objects that are applied together."""

    def __init__(self, objects: list[Object]) -> None:
        self.objects = objects

    def of(self, kind: str) -> dict[str, Object]:
        """Return the objects of a kind by name."""
        return {one["metadata"]["name"]: one for one in self.objects if one["kind"] == kind}

    def pods(self) -> dict[str, Object]:
        """Return the templates of all pods, with metadata and spec, by the name of what makes them."""
        deployments = {name: one["spec"]["template"] for name, one in self.of("Deployment").items()}
        jobs = {name: one["spec"]["jobTemplate"]["spec"]["template"] for name, one in self.of("CronJob").items()}
        return deployments | jobs

    def containers(self) -> Iterator[tuple[str, Object, Object]]:
        """Yield the pod's name, its spec and the container, for every container."""
        for name, pod in self.pods().items():
            for container in (*pod["spec"].get("initContainers", ()), *pod["spec"]["containers"]):
                yield name, pod["spec"], container

    def container(self, pod: str, name: str) -> Object:
        return next(one for where, _, one in self.containers() if (where, one["name"]) == (pod, name))

    def selected(self, labels: Object) -> dict[str, Object]:
        """Return the pods that have all these labels."""
        return {name: pod for name, pod in self.pods().items() if labels.items() <= pod["metadata"]["labels"].items()}


def base() -> Manifests:
    """Return the objects of the base as its files have them, with an empty stand-in for what kustomize generates."""
    kustomization = yaml.safe_load((BASE / "kustomization.yaml").read_text(encoding="utf-8"))
    objects = [
        one for file in kustomization["resources"] for one in yaml.safe_load_all((BASE / file).read_text("utf-8"))
    ]
    generated = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": one["name"]}}
        for one in kustomization["configMapGenerator"]
    ]
    return Manifests(objects + generated)


def overlay(name: str) -> Manifests:
    """Return the objects of an overlay as kustomize makes them."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not installed; GitHub's runners have it")
    done = subprocess.run([kubectl, "kustomize", K8S / "overlays" / name], check=True, capture_output=True)
    return Manifests(list(yaml.safe_load_all(done.stdout)))


def environment(container: Object) -> dict[str, str]:
    """Return the variables that the container is given by value."""
    return {one["name"]: one["value"] for one in container.get("env", ()) if "value" in one}
