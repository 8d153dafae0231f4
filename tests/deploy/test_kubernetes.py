"""Objects under deploy/k8s: schemas, references and rules, without a cluster."""

import importlib.util
import re
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from mlflow import environment_variables

from entrypoints.server.granian_server import KILL_AFTER_SECONDS
from entrypoints.settings import Settings, unknown_settings
from tests.support.deploy.manifests import BASE, K8S, base, production

NGINX = "\n".join(path.read_text(encoding="utf-8") for path in (BASE / "web").glob("*.conf"))
GUIDE = (K8S.parent.parent / "docs" / "deploying.md").read_text(encoding="utf-8")
NAME = "app.kubernetes.io/name"


@pytest.fixture(scope="module", params=[base, production])
def manifests(request):
    return request.param()


@pytest.mark.parametrize("version", ["1.31", kubernetes_validate.latest_version()])
def test_objects_fit_the_published_schemas_when_the_overlay_is_applied(version):
    published = {True: [], False: []}
    for one in production().objects:
        published["traefik" not in one["apiVersion"]].append(one)

    assert [one["kind"] for one in published[False]] == ["Middleware"]
    for one in published[True]:
        kubernetes_validate.validate(one, version, strict=True)


def test_every_file_of_the_base_is_applied_and_none_holds_a_secret(manifests):
    files = {path.relative_to(BASE).as_posix() for path in (*BASE.rglob("*.yaml"), *BASE.rglob("*.conf"))}
    applied = yaml.safe_load((BASE / "kustomization.yaml").read_text(encoding="utf-8"))

    assert {*applied["resources"], *applied["configMapGenerator"][0]["files"]} == files - {"kustomization.yaml"}
    assert manifests.of("Secret") == {}


def test_every_pod_has_no_right_that_it_does_not_need(manifests):
    for name, pod in manifests.pods().items():
        spec, security = pod["spec"], pod["spec"]["securityContext"]

        assert security["runAsNonRoot"] is True, name
        assert security["runAsUser"] >= 10_000, name
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["enableServiceLinks"] is False, name
        assert spec.keys().isdisjoint({"hostNetwork", "hostPID", "hostIPC"}), name
        assert manifests.of("ServiceAccount")[spec["serviceAccountName"]]["automountServiceAccountToken"] is False


def test_every_container_has_no_right_that_it_does_not_need_and_has_bounds(manifests):
    for name, container in manifests.containers():
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, (name, container["name"])
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}, (name, container["name"])
        assert "memory" in container["resources"]["limits"], (name, container["name"])


def test_volumes_are_mounted_bounded_and_writable_only_where_they_are_temporary(manifests):
    for name, pod in manifests.pods().items():
        volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
        mounts = [mount for where, one in manifests.containers() if where == name for mount in one["volumeMounts"]]

        assert {mount["name"] for mount in mounts} == volumes.keys()
        assert all(volumes[mount["name"]].get("emptyDir") or mount.get("readOnly") for mount in mounts), name
        for volume in volumes.values():
            assert volume.keys() & {"emptyDir", "secret", "projected", "configMap"}, name
            assert "sizeLimit" in volume.get("emptyDir", {"sizeLimit": None})
            if "configMap" in volume:
                assert volume["configMap"]["name"] in manifests.of("ConfigMap")


def test_secrets_that_are_named_are_those_that_the_guide_makes(manifests):
    made = dict(re.findall(r"kubectl create secret (?:generic|tls) (\S+)((?:[^\n]|\\\n)*)", GUIDE))
    volumes = [volume for pod in manifests.pods().values() for volume in pod["spec"]["volumes"]]
    variables = [variable for _, container in manifests.containers() for variable in container.get("env", ())]
    keyed = [one["valueFrom"]["secretKeyRef"] for one in variables if "secretKeyRef" in one.get("valueFrom", {})]
    named = {volume["secret"]["secretName"] for volume in volumes if "secret" in volume}
    projected = [source for volume in volumes for source in volume.get("projected", {}).get("sources", ())]
    named |= {source["secret"]["name"] for source in projected}
    named |= {one["name"] for one in keyed}
    named |= {tls["secretName"] for ingress in manifests.of("Ingress").values() for tls in ingress["spec"]["tls"]}

    assert named == made.keys()
    assert all(re.search(rf"--from-(file|literal)={one['key']}=", made[one["name"]]) for one in keyed)


def test_services_ingress_and_probes_lead_to_ports_that_exist(manifests):
    services = manifests.of("Service")
    for name, service in services.items():
        (pod,) = manifests.selected(service["spec"]["selector"])
        assert name in (pod, f"{pod}-replicas")
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= manifests.ports(pod).keys()
    for ingress in manifests.of("Ingress").values():
        for middleware in (ingress["metadata"].get("annotations") or {}).values():
            name = next(iter(manifests.of("Middleware")))
            assert middleware == f"{ingress['metadata']['namespace']}-{name}@kubernetescrd"
        hosts = {host for tls in ingress["spec"]["tls"] for host in tls["hosts"]}
        for rule in ingress["spec"]["rules"]:
            assert rule["host"] in hosts
            for backend in (path["backend"]["service"] for path in rule["http"]["paths"]):
                assert backend["port"]["name"] in {one["name"] for one in services[backend["name"]]["spec"]["ports"]}
    for name, container in manifests.containers():
        ports = manifests.ports(name)
        for kind in {"startupProbe", "livenessProbe", "readinessProbe"} & container.keys():
            assert container[kind]["httpGet"]["port"] in ports.keys() | ports.values()


def test_web_pods_scale_and_are_replaced_without_a_gap(manifests):
    target = manifests.of("HorizontalPodAutoscaler")["web"]["spec"]
    budget = manifests.of("PodDisruptionBudget")["web"]["spec"]
    deployment, pod = manifests.of("Deployment")["web"]["spec"], manifests.pods()["web"]["spec"]
    proxy, server = (manifests.container("web", name) for name in ("proxy", "server"))
    first, second = (one["lifecycle"]["preStop"]["sleep"]["seconds"] for one in (proxy, server))

    assert target["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    assert target["minReplicas"] >= 2
    assert manifests.container("web", target["metrics"][0]["containerResource"]["container"])
    assert "replicas" not in deployment
    assert manifests.selected(budget["selector"]["matchLabels"]).keys() == {"web"}
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert server["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert 5 <= first < second
    assert second + KILL_AFTER_SECONDS < pod["terminationGracePeriodSeconds"]


def test_who_reaches_whom(manifests):
    policies = {name: one["spec"] for name, one in manifests.of("NetworkPolicy").items()}
    rules, peers, outside = [], set(), set()
    for way, end in (("ingress", "from"), ("egress", "to")):
        rules += [(name, way, rule, rule[end]) for name, policy in policies.items() for rule in policy.get(way, ())]
    for name, way, rule, others in rules:
        inside = {peer["podSelector"]["matchLabels"][NAME] for peer in others if peer.keys() == {"podSelector"}}
        peers |= {(way, *((other, name) if way == "ingress" else (name, other))) for other in inside}
        if way == "ingress":
            ports = {port["port"] for port in rule["ports"]}
            assert ports <= manifests.ports(name).keys()
            outside |= {(name, port) for port in ports if any("namespaceSelector" in peer for peer in others)}

    assert policies.pop("deny-all") == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    to_mlflow, to_web = ("web", "train", "rollout"), ("web", "train", "rollout")
    pairs = {*((name, "mlflow") for name in to_mlflow), *((name, "web") for name in to_web)}
    assert peers == {(way, *pair) for way in ("ingress", "egress") for pair in pairs}
    assert outside == {("web", "http"), ("web", "metrics")}
    assert policies.keys() == manifests.pods().keys()
    for name, policy in policies.items():
        assert manifests.selected(policy["podSelector"]["matchLabels"]).keys() == {name}
        assert set(policy["policyTypes"]) == {"Ingress", "Egress"}


def test_one_controller_at_a_time_reads_every_web_pod(manifests):
    deployment, service = manifests.of("Deployment")["rollout"]["spec"], manifests.of("Service")["web-replicas"]["spec"]
    variables = {one["name"]: one.get("value") for one in manifests.container("rollout", "controller")["env"]}

    assert (deployment["replicas"], deployment["strategy"]) == (1, {"type": "Recreate"})
    assert service["clusterIP"] == "None"
    assert variables["ENDEAVOUR_REPLICAS"] == f"http://web-replicas:{service['ports'][0]['port']}"


def test_training_never_runs_twice_at_once_nor_for_ever(manifests):
    job = manifests.of("CronJob")["train"]["spec"]

    assert job["concurrencyPolicy"] == "Forbid"
    assert job["jobTemplate"]["spec"]["activeDeadlineSeconds"] <= 6 * 3600
    assert job["jobTemplate"]["spec"]["podFailurePolicy"]["rules"][0]["onExitCodes"]["containerName"] == "train"


def test_drift_is_examined_before_a_training_and_never_stops_it(manifests):
    (drift,) = manifests.pods()["train"]["spec"]["initContainers"]
    variables = {one["name"]: one.get("value") for one in drift["env"]}

    assert drift["command"][-1].endswith("endeavour drift || true")
    assert variables["ENDEAVOUR_REPLICAS"] == "http://web-replicas:9100"


@pytest.mark.parametrize(
    ("pod", "container"), [("web", "server"), ("train", "drift"), ("train", "train"), ("rollout", "controller")]
)
def test_settings_are_settings_of_the_program(manifests, monkeypatch, pod, container):
    given = manifests.container(pod, container)["env"]
    values = {one["name"]: one.get("value", "10.0.0.7") for one in given}
    address = values.pop("POD_IP", "")
    variables = {name: value.replace("$(POD_IP)", address) for name, value in values.items()}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    settings = Settings.from_environment()

    of_others = [name for name in variables if not name.startswith("ENDEAVOUR_")]
    assert settings.tracking_uri == "http://mlflow:5000"
    assert unknown_settings(variables) == []
    assert [name for name in of_others if name not in vars(environment_variables)] == []


def test_the_server_is_reached_through_the_proxy_alone_and_with_keys(manifests):
    server = manifests.container("web", "server")
    variables = {one["name"]: one["value"] for one in server["env"] if "value" in one}
    ports = manifests.ports("web")
    mounts = {one["name"]: one["mountPath"] for one in server["volumeMounts"]}
    volume = next(one for one in manifests.pods()["web"]["spec"]["volumes"] if one["name"] == "keys")
    keys, sessions = (one["secret"] for one in volume["projected"]["sources"])

    assert variables["ENDEAVOUR_HOST"] == variables["ENDEAVOUR_TRUSTED_PROXIES"] == "127.0.0.1"
    assert set(re.findall(r"^ +server (\S+) ", NGINX, re.MULTILINE)) == {f"127.0.0.1:{variables['ENDEAVOUR_PORT']}"}
    assert {int(port) for port in re.findall(r"listen (\d+);", NGINX)} == {ports["http"], ports["probes"]}
    # The server listens on loopback, where it would need no key, and others reach it through the proxy.
    assert variables["ENDEAVOUR_ADVERTISED_ADDRESS"] == "0.0.0.0"  # noqa: S104  # compared with, not bound to
    assert variables["ENDEAVOUR_API_KEYS_FILE"] == f"{mounts['keys']}/keys.json"
    # A pod without the file of keys waits: the server would answer every client that the proxy lets in.
    assert not keys.get("optional", False)
    assert [item["key"] for item in keys["items"]] == ["keys.json"]
    # The sessions of a secret without that item are those of one pod.
    assert sessions["optional"]
    assert [item["path"] for item in sessions["items"]] == ["console.secret"]


def test_bodies_that_wait_in_the_proxy_fit_its_folder(manifests, monkeypatch):
    monkeypatch.delenv("ENDEAVOUR_MAX_BODY_BYTES", raising=False)
    largest = int(re.search(r"client_max_body_size (\d+)m;", NGINX)[1])
    at_once = int(re.search(r"limit_conn bulk (\d+);", NGINX)[1])
    folder = next(one for one in manifests.pods()["web"]["spec"]["volumes"] if one["name"] == "proxy-tmp")

    assert largest * 2**20 == Settings.from_environment().max_body_bytes
    assert largest * at_once < int(folder["emptyDir"]["sizeLimit"].removesuffix("Gi")) * 1024


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of libraries, about MLflow's own code
def test_variables_and_words_of_mlflow_are_understood_by_mlflow(manifests):
    from mlflow.cli import cli

    containers = [manifests.container("mlflow", name) for name in ("upgrade", "server")]
    mlflow = Path(importlib.util.find_spec("mlflow").origin).parent
    known = "".join(path.read_text("utf-8") for path in (mlflow / "environment_variables.py", *mlflow.glob("cli/*.py")))
    given = {one["name"] for container in containers for one in container["env"]}
    upgrade, server = (container["args"] for container in containers)

    assert [name for name in given if name.startswith("MLFLOW_") and f'"{name}"' not in known] == []
    assert upgrade[:2] == ["db", "upgrade"]
    assert cli.commands["db"].commands["upgrade"].make_context("upgrade", upgrade[2:])
    assert cli.commands[server[0]].make_context("server", server[1:]).params["workers"] == "2"
