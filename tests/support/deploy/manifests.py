"""Kubernetes objects under deploy/k8s, by kind, pod and container."""

import shutil
import subprocess
from collections.abc import Iterator
from itertools import chain
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

    def containers(self) -> Iterator[tuple[str, Object]]:
        """Yield the pod's name and the container, for every container."""
        for name, pod in self.pods().items():
            for container in (*pod["spec"].get("initContainers", ()), *pod["spec"]["containers"]):
                yield name, container

    def container(self, pod: str, name: str) -> Object:
        return next(one for where, one in self.containers() if (where, one["name"]) == (pod, name))

    def ports(self, pod: str) -> dict[str, int]:
        """Return the numbers of the ports that a pod opens, by name."""
        ports = (port for where, one in self.containers() if where == pod for port in one.get("ports", ()))
        return {port["name"]: port["containerPort"] for port in ports}

    def selected(self, labels: Object) -> dict[str, Object]:
        """Return the pods that have all these labels."""
        return {name: pod for name, pod in self.pods().items() if labels.items() <= pod["metadata"]["labels"].items()}


def base() -> Manifests:
    """Return the objects of the base as its files have them, with an empty stand-in for what kustomize generates."""
    kustomization = yaml.safe_load((BASE / "kustomization.yaml").read_text("utf-8"))
    objects = [yaml.safe_load_all((BASE / file).read_text("utf-8")) for file in kustomization["resources"]]
    generated = [{"kind": "ConfigMap", "metadata": one} for one in kustomization["configMapGenerator"]]
    return Manifests([*chain.from_iterable(objects), *generated])


def production() -> Manifests:
    """Return the objects of the production overlay as kustomize makes them."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not installed; GitHub's runners have it")
    done = subprocess.run([kubectl, "kustomize", K8S / "overlays" / "production"], check=True, capture_output=True)
    return Manifests(list(yaml.safe_load_all(done.stdout)))
