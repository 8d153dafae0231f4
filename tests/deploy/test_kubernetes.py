"""What holds for the objects under deploy/k8s. There is no cluster here: schemas, references and rules are checked."""

import importlib.util
import re
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from mlflow import environment_variables

from entrypoints.serving.on_granian import KILL_AFTER
from entrypoints.settings import Settings
from tests.deploy.manifests import BASE, K8S, base, environment, overlay

NGINX = (BASE / "web" / "nginx.conf").read_text(encoding="utf-8")
GUIDE = (K8S.parent.parent / "docs" / "deploying.md").read_text(encoding="utf-8")
MIB = 1024 * 1024


@pytest.fixture(scope="module", params=["base", "production"])
def manifests(request):
    return base() if request.param == "base" else overlay(request.param)


@pytest.fixture(scope="module")
def production():
    return overlay("production")


@pytest.mark.parametrize("version", ["1.31", kubernetes_validate.latest_version()])
def test_objects_fit_the_published_schemas_when_the_overlay_is_applied(production, version):
    assert [one["kind"] for one in production.objects if not is_of_kubernetes(one)] == ["Middleware"]
    for one in filter(is_of_kubernetes, production.objects):
        kubernetes_validate.validate(one, version, strict=True)


def test_every_file_of_the_base_is_applied():
    files = {path.relative_to(BASE).as_posix() for path in BASE.rglob("*.yaml")} - {"kustomization.yaml"}

    assert set(yaml.safe_load((BASE / "kustomization.yaml").read_text(encoding="utf-8"))["resources"]) == files


def test_no_secret_is_in_a_file(manifests):
    assert manifests.of("Secret") == {}


def test_every_pod_gives_up_what_it_does_not_need(manifests):
    for name, pod in manifests.pods().items():
        spec, security = pod["spec"], pod["spec"]["securityContext"]

        assert security["runAsNonRoot"] is True, name
        assert security["runAsUser"] >= 10_000, name
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["enableServiceLinks"] is False, name
        assert spec.keys().isdisjoint({"hostNetwork", "hostPID", "hostIPC"}), name


def test_every_container_gives_up_what_it_does_not_need(manifests):
    for name, _, container in manifests.containers():
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, (name, container["name"])


def test_every_container_has_bounds(manifests):
    for name, _, container in manifests.containers():
        resources = container["resources"]

        assert resources["requests"].keys() == {"cpu", "memory"}, (name, container["name"])
        assert "memory" in resources["limits"], (name, container["name"])


def test_only_volumes_that_are_made_for_it_can_be_written_to(manifests):
    for name, spec, container in manifests.containers():
        volumes = {volume["name"]: volume.keys() - {"name"} for volume in spec["volumes"]}
        for mount in container["volumeMounts"]:
            writable = not mount.get("readOnly", False)

            assert volumes[mount["name"]] == ({"emptyDir"} if writable else volumes[mount["name"]] - {"emptyDir"}), name
        assert set().union(*volumes.values()) <= {"emptyDir", "secret", "configMap"}, name


def test_every_volume_has_a_size_and_a_mount(manifests):
    for name, pod in manifests.pods().items():
        mounts = {
            mount["name"]
            for where, _, container in manifests.containers()
            if where == name
            for mount in container["volumeMounts"]
        }

        assert mounts == {volume["name"] for volume in pod["spec"]["volumes"]}
        assert all("sizeLimit" in volume["emptyDir"] for volume in pod["spec"]["volumes"] if "emptyDir" in volume)


def test_accounts_and_files_that_pods_name_exist(manifests):
    for name, pod in manifests.pods().items():
        files = {volume["configMap"]["name"] for volume in pod["spec"]["volumes"] if "configMap" in volume}

        assert (
            manifests.of("ServiceAccount")[pod["spec"]["serviceAccountName"]]["automountServiceAccountToken"] is False
        )
        assert files <= manifests.of("ConfigMap").keys(), name


def test_secrets_that_are_named_are_those_that_the_guide_makes(manifests):
    made = dict(re.findall(r"kubectl create secret (?:generic|tls) (\S+)((?:[^\n]|\\\n)*)", GUIDE))
    volumes = [volume for pod in manifests.pods().values() for volume in pod["spec"]["volumes"]]
    variables = [variable for _, _, container in manifests.containers() for variable in container.get("env", ())]
    keyed = [
        variable["valueFrom"]["secretKeyRef"]
        for variable in variables
        if "secretKeyRef" in variable.get("valueFrom", {})
    ]
    named = {volume["secret"]["secretName"] for volume in volumes if "secret" in volume}
    named |= {one["name"] for one in keyed}
    named |= {tls["secretName"] for ingress in manifests.of("Ingress").values() for tls in ingress["spec"]["tls"]}

    assert named == made.keys()
    assert all(re.search(rf"--from-(file|literal)={one['key']}=", made[one["name"]]) for one in keyed)


def test_services_and_the_ingress_lead_to_ports_that_exist(manifests):
    services = manifests.of("Service")
    for name, service in services.items():
        pods = manifests.selected(service["spec"]["selector"])
        assert pods.keys() == {name}
        for port in service["spec"]["ports"]:
            assert port["targetPort"] in ports_of(manifests, name)
    for ingress in manifests.of("Ingress").values():
        for name in (ingress["metadata"].get("annotations") or {}).values():
            assert name == f"{ingress['metadata']['namespace']}-{next(iter(manifests.of('Middleware')))}@kubernetescrd"
        hosts = {host for tls in ingress["spec"]["tls"] for host in tls["hosts"]}
        for rule in ingress["spec"]["rules"]:
            assert rule["host"] in hosts
            for path in rule["http"]["paths"]:
                backend = path["backend"]["service"]
                assert backend["port"]["name"] in {one["name"] for one in services[backend["name"]]["spec"]["ports"]}


def test_probes_ask_ports_that_are_open(manifests):
    for name, _, container in manifests.containers():
        for kind in ("startupProbe", "livenessProbe", "readinessProbe"):
            if kind in container:
                port = container[kind]["httpGet"]["port"]
                assert port in ports_of(manifests, name).keys() | ports_of(manifests, name).values()


def test_autoscaler_and_budget_are_about_the_web_pods(manifests):
    target = manifests.of("HorizontalPodAutoscaler")["web"]["spec"]
    budget = manifests.of("PodDisruptionBudget")["web"]["spec"]

    assert target["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    assert target["minReplicas"] >= 2
    assert manifests.container("web", target["metrics"][0]["containerResource"]["container"])
    assert "replicas" not in manifests.of("Deployment")["web"]["spec"]
    assert manifests.selected(budget["selector"]["matchLabels"]).keys() == {"web"}


def test_an_update_takes_no_web_pod_away_before_its_successor_is_ready(manifests):
    deployment = manifests.of("Deployment")["web"]["spec"]

    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert manifests.container("web", "server")["readinessProbe"]["httpGet"]["path"] == "/readyz"


def test_a_web_pod_ends_in_order_and_in_time(manifests):
    grace = manifests.pods()["web"]["spec"]["terminationGracePeriodSeconds"]
    first = manifests.container("web", "proxy")["lifecycle"]["preStop"]["sleep"]["seconds"]
    second = manifests.container("web", "server")["lifecycle"]["preStop"]["sleep"]["seconds"]

    assert 5 <= first < second
    assert second + KILL_AFTER < grace


def test_who_reaches_whom(manifests):
    policies = manifests.of("NetworkPolicy")
    reached = {
        (name, peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"])
        for name, policy in policies.items()
        for rule in policy["spec"].get("egress", ())
        for peer in rule["to"]
        if "podSelector" in peer
    }
    admitted = {
        (peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"], name)
        for name, policy in policies.items()
        for rule in policy["spec"].get("ingress", ())
        for peer in rule["from"]
        if "podSelector" in peer
    }

    assert policies["nobody"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert reached == admitted == {("web", "mlflow"), ("train", "mlflow")}


def test_every_pod_has_a_policy_of_its_own_whose_ports_exist(manifests):
    policies = {name: one["spec"] for name, one in manifests.of("NetworkPolicy").items() if name != "nobody"}

    assert policies.keys() == manifests.pods().keys()
    for name, policy in policies.items():
        assert manifests.selected(policy["podSelector"]["matchLabels"]).keys() == {name}
        assert set(policy["policyTypes"]) == {"Ingress", "Egress"}
        for rule in policy.get("ingress", ()):
            assert {port["port"] for port in rule["ports"]} <= ports_of(manifests, name).keys()


def test_nobody_but_the_ingress_controller_and_prometheus_comes_from_outside(manifests):
    outside = {
        (name, port["port"])
        for name, policy in manifests.of("NetworkPolicy").items()
        for rule in policy["spec"].get("ingress", ())
        for peer in rule["from"]
        if "namespaceSelector" in peer
        for port in rule["ports"]
    }

    assert outside == {("web", "http"), ("web", "metrics")}


def test_training_never_runs_twice_at_once_nor_for_ever(manifests):
    job = manifests.of("CronJob")["train"]["spec"]

    assert job["concurrencyPolicy"] == "Forbid"
    assert job["jobTemplate"]["spec"]["activeDeadlineSeconds"] <= 6 * 3600
    assert job["jobTemplate"]["spec"]["podFailurePolicy"]["rules"][0]["onExitCodes"]["containerName"] == "train"


@pytest.mark.parametrize(("pod", "container"), [("web", "server"), ("train", "train")])
def test_settings_are_settings_of_the_program(manifests, monkeypatch, pod, container):
    given = manifests.container(pod, container)["env"]
    variables = {one["name"]: one.get("value", "10.0.0.7") for one in given}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    settings = Settings.from_environment()

    known = (Path(__file__).parent.parent.parent / "entrypoints" / "settings.py").read_text(encoding="utf-8")
    assert settings.tracking_uri == "http://mlflow:5000"
    of_mlflow = vars(environment_variables)
    # One that another variable is made of, as in $(NAME).
    of_manifest = {name for name in variables if any(f"$({name})" in value for value in variables.values())}
    assert [name for name in variables.keys() - of_manifest if f'"{name}"' not in known and name not in of_mlflow] == []


def test_the_server_is_reached_through_the_proxy_alone(manifests):
    variables = environment(manifests.container("web", "server"))

    assert variables["ENDEAVOUR_HOST"] == "127.0.0.1"
    assert variables["ENDEAVOUR_TRUSTED_PROXIES"] == "127.0.0.1"
    assert set(re.findall(r"^ +server (\S+) ", NGINX, re.MULTILINE)) == {f"127.0.0.1:{variables['ENDEAVOUR_PORT']}"}
    assert {int(port) for port in re.findall(r"listen (\d+);", NGINX)} == {
        ports_of(manifests, "web")[name] for name in ("http", "probes")
    }


def test_keys_are_asked_for(manifests):
    variables = environment(manifests.container("web", "server"))
    mounts = {one["name"]: one["mountPath"] for one in manifests.container("web", "server")["volumeMounts"]}
    secret = next(one for one in manifests.pods()["web"]["spec"]["volumes"] if one["name"] == "keys")["secret"]

    # The server listens on loopback, where it would need none, and others reach it through the proxy.
    assert variables["ENDEAVOUR_PUBLISHED"] == "0.0.0.0"  # noqa: S104  # compared with, not bound to
    assert variables["ENDEAVOUR_KEYS"] == f"{mounts['keys']}/keys.json"
    # Without it a pod waits: with no file of keys the server would answer whoever the proxy lets in.
    assert not secret.get("optional", False)
    assert [item["key"] for item in secret["items"]] == ["keys.json"]


def test_bodies_that_wait_in_the_proxy_fit_its_folder(manifests, monkeypatch):
    monkeypatch.delenv("ENDEAVOUR_MAX_BODY", raising=False)
    largest = int(re.search(r"client_max_body_size (\d+)m;", NGINX)[1])
    at_once = int(re.search(r"limit_conn bulk (\d+);", NGINX)[1])
    folder = next(one for one in manifests.pods()["web"]["spec"]["volumes"] if one["name"] == "proxy-tmp")

    assert largest * MIB == Settings.from_environment().max_body
    assert largest * at_once < int(folder["emptyDir"]["sizeLimit"].removesuffix("Gi")) * 1024


def test_variables_of_mlflow_are_variables_of_mlflow(manifests):
    mlflow = Path(importlib.util.find_spec("mlflow").origin).parent
    known = "".join(path.read_text("utf-8") for path in (mlflow / "environment_variables.py", *mlflow.glob("cli/*.py")))
    given = {one["name"] for name in ("upgrade", "server") for one in manifests.container("mlflow", name)["env"]}

    assert [name for name in given if name.startswith("MLFLOW_") and f'"{name}"' not in known] == []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of libraries, about MLflow's own code
def test_words_of_mlflow_are_understood_by_mlflow(manifests):
    from mlflow.cli import cli

    upgrade, server = (manifests.container("mlflow", name)["args"] for name in ("upgrade", "server"))

    assert upgrade[:2] == ["db", "upgrade"]
    assert cli.commands["db"].commands["upgrade"].make_context("upgrade", upgrade[2:])
    assert cli.commands[server[0]].make_context("server", server[1:]).params["workers"] == "2"


def is_of_kubernetes(one):
    """Tell whether Kubernetes publishes the schema of the object."""
    return "traefik" not in one["apiVersion"]


def ports_of(manifests, pod):
    """Return the numbers of the ports that a pod opens, by name."""
    return {
        port["name"]: port["containerPort"]
        for where, _, container in manifests.containers()
        if where == pod
        for port in container.get("ports", ())
    }
