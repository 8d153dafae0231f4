"""The component of a Dask cluster, as kustomize adds it to the base."""

import os
import re
import shutil
import subprocess
import sys

import kubernetes_validate
import pytest
import yaml

from adapters.dask.cluster import DaskCluster
from adapters.dask.tls import TlsFiles
from entrypoints.git_revision import release
from entrypoints.settings import Settings, unknown_settings
from tests.support.dask_jobs import NumbersFrom, SumOf
from tests.support.deploy.manifests import BASE, K8S, Manifests
from tests.support.program import INHERITED, free_port, refuses, wait_until

ROOT = K8S.parent.parent
COMPONENT = K8S / "components" / "dask"
CLUSTER = ("dask-scheduler", "dask-worker")
OPERATOR_LABEL = "dask.org/component"


@pytest.fixture(scope="module")
def manifests(tmp_path_factory):
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not installed; GitHub's runners have it")
    folder = tmp_path_factory.mktemp("overlay")
    base, component = (os.path.relpath(path, folder.resolve()) for path in (BASE, COMPONENT))
    (folder / "kustomization.yaml").write_text(yaml.safe_dump({"resources": [base], "components": [component]}))
    done = subprocess.run([kubectl, "kustomize", folder], check=True, capture_output=True)
    return Manifests(list(yaml.safe_load_all(done.stdout)))


def test_objects_fit_the_published_schemas(manifests):
    for version in ("1.31", kubernetes_validate.latest_version()):
        for one in manifests.objects:
            kubernetes_validate.validate(one, version, strict=True)


def test_pods_have_the_rights_of_a_training_and_no_way_to_the_registry(manifests):
    training, trained = manifests.pods()["train"]["spec"], manifests.container("train", "train")
    for name in CLUSTER:
        pod = manifests.pods()[name]["spec"]
        (container,) = pod["containers"]

        assert manifests.of("ServiceAccount")[pod["serviceAccountName"]]["automountServiceAccountToken"] is False
        for field in ("automountServiceAccountToken", "enableServiceLinks", "securityContext"):
            assert pod[field] == training[field], (name, field)
        assert (container["image"], container["securityContext"]) == (trained["image"], trained["securityContext"])
        assert "memory" in container["resources"]["limits"]
        assert [one["name"] for one in container["env"] if not one["name"].startswith(("DASK_", "O"))] == []
        assert [volume["name"] for volume in pod["volumes"] if "secret" in volume] == ["tls"]


def test_only_the_training_and_the_cluster_reach_the_cluster(manifests):
    policies = {name: one["spec"] for name, one in manifests.of("NetworkPolicy").items()}

    def peers(policy, way, end):
        rules = policies[policy].get(way, ())
        selectors = [
            peer["podSelector"]["matchLabels"] for rule in rules for peer in rule[end] if "podSelector" in peer
        ]
        return {pod for pod, labels in labels_of.items() if any(one.items() <= labels.items() for one in selectors)}

    labels_of = {name: pod["metadata"]["labels"] for name, pod in manifests.pods().items()}
    assert peers("dask-scheduler", "ingress", "from") == {"train", "dask-worker"}
    assert peers("dask-worker", "ingress", "from") == {"dask-scheduler", "dask-worker"}
    assert peers("dask-worker", "egress", "to") == {"dask-scheduler", "dask-worker"}
    assert peers("train-dask", "egress", "to") == {"dask-scheduler"}
    for name in CLUSTER:
        selector = policies[name]["podSelector"]["matchLabels"]
        # The labels of a pod of Dask's operator are enough for the policies.
        assert selector == {OPERATOR_LABEL: name.removeprefix("dask-")}
        assert selector.items() <= labels_of[name].items()
    (port,) = manifests.of("Service")["dask-scheduler"]["spec"]["ports"]
    assert (port["port"], manifests.ports("dask-scheduler")[port["targetPort"]]) == (8786, 8786)
    assert "type" not in manifests.of("Service")["dask-scheduler"]["spec"]


def test_cluster_of_the_operator_has_the_pods_and_the_service_of_the_component():
    example = yaml.safe_load((K8S / "examples" / "dask-cluster.yaml").read_text("utf-8"))
    service = yaml.safe_load((COMPONENT / "service.yaml").read_text("utf-8"))

    for name in CLUSTER:
        deployment = yaml.safe_load((COMPONENT / f"{name.removeprefix('dask-')}.yaml").read_text("utf-8"))
        pod = deployment["spec"]["template"]["spec"]
        # kustomize would give the component the whole name of the image.
        pod["containers"][0]["image"] = f"ghcr.io/OWNER/{pod['containers'][0]['image']}:{release()}"
        assert example["spec"][name.removeprefix("dask-")]["spec"] == pod
    assert f"{example['metadata']['name']}-scheduler" == service["metadata"]["name"]
    assert example["spec"]["scheduler"]["service"]["ports"] == service["spec"]["ports"]
    assert example["spec"]["scheduler"]["service"]["selector"][OPERATOR_LABEL] == "scheduler"


def test_training_uses_the_cluster_with_its_certificate(manifests, monkeypatch):
    container = manifests.container("train", "train")
    variables = {one["name"]: one["value"] for one in container["env"]}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    page = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")

    settings = Settings.from_environment()

    assert unknown_settings(variables) == []
    assert settings.dask == "tls://dask-scheduler:8786"
    assert {str(settings.dask_tls_ca.parent)} == {
        mount["mountPath"] for mount in container["volumeMounts"] if mount["name"] == "dask-tls"
    }
    assert re.findall(r"kubectl create secret generic (\S+) --from-file=(\S+)=", page) == [
        ("dask-tls", settings.dask_tls_ca.name)
    ]


def commands_of_the_component(manifests):
    """Return words and variables of scheduler and worker."""
    for name in CLUSTER:
        one = manifests.container(name, name.removeprefix("dask-"))
        yield [*one["command"], *one["args"]], {each["name"]: each["value"] for each in one["env"]}


def commands_of_the_stack(_manifests):
    """Return words and variables of scheduler and worker."""
    stack = yaml.safe_load((ROOT / "docker-compose.dask.yml").read_text(encoding="utf-8"))["services"]
    for name in CLUSTER:
        yield [*stack[name]["entrypoint"], *stack[name]["command"]], stack[name]["environment"]


@pytest.mark.slow
@pytest.mark.xdist_group("dask")
@pytest.mark.parametrize("commands", [commands_of_the_component, commands_of_the_stack])
def test_commands_make_a_cluster_that_works_with_the_certificate(manifests, commands, tmp_path):
    subprocess.run([ROOT / "docker" / "secrets.sh", tmp_path / "secrets"], check=True)
    pem, port = tmp_path / "secrets" / "dask.pem", free_port()
    here = {"tls://0.0.0.0": "tls://127.0.0.1", "8786": str(port), "8788": str(free_port()), "/tmp": str(tmp_path)}  # noqa: S108  # replaced
    here |= {"tls://dask-scheduler:8786": f"tls://127.0.0.1:{port}"}
    started = []

    try:
        for (program, *words), variables in commands(manifests):
            assert program == "dask"
            command = [str(pem) if word.endswith("/dask.pem") else here.get(word, word) for word in words]
            environment = INHERITED | variables | {"PYTHONPATH": str(ROOT)}
            with (tmp_path / "log").open("ab") as log:
                dask = [sys.executable, "-m", "dask", *command]
                started.append(subprocess.Popen(dask, cwd=tmp_path, env=environment, stdout=log, stderr=log))
            wait_until(lambda: not refuses(port), 60)
        wait_until(lambda: b"Registered to" in (tmp_path / "log").read_bytes(), 60)

        with DaskCluster(f"tls://127.0.0.1:{port}", TlsFiles(pem, pem, pem)) as cluster:
            assert cluster.rounds().run(SumOf(), [NumbersFrom(0)]).count == 10
    finally:
        for process in started:
            process.kill()
            process.wait()
