"""Example objects for Kubernetes: their schema, rights and command, and what of the base they rely on."""

import kubernetes_validate
import pytest
import yaml

from entrypoints.cli.predict import predict
from entrypoints.settings import unknown_settings
from tests.support.deploy.manifests import K8S, base

JOB = yaml.safe_load((K8S / "examples" / "predict.yaml").read_text("utf-8"))


@pytest.mark.parametrize("version", ["1.31", kubernetes_validate.latest_version()])
def test_examples_fit_the_published_schemas(version):
    # That of Dask's operator has no published schema; test_dask_component.py compares it with the component.
    assert {path.name for path in (K8S / "examples").iterdir()} == {"predict.yaml", "dask-cluster.yaml"}
    kubernetes_validate.validate(JOB, version, strict=True)


def test_scoring_has_the_rights_and_the_ways_of_a_training_and_a_command_that_is_understood():
    pod, (container,) = JOB["spec"]["template"], JOB["spec"]["template"]["spec"]["containers"]
    training, trained = base().pods()["train"], base().container("train", "train")

    assert (
        pod["metadata"]["labels"]["app.kubernetes.io/name"] == training["metadata"]["labels"]["app.kubernetes.io/name"]
    )
    for name in ("serviceAccountName", "automountServiceAccountToken", "enableServiceLinks", "securityContext"):
        assert pod["spec"][name] == training["spec"][name], name
    assert container["securityContext"] == trained["securityContext"]
    assert {each["name"]: each["value"] for each in container["env"]} == {
        each["name"]: each["value"] for each in trained["env"]
    }
    assert unknown_settings({each["name"]: each["value"] for each in container["env"]}) == []
    mounted = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert mounted.keys() == {volume["name"] for volume in pod["spec"]["volumes"]}
    command, *words = container["args"]
    given = predict.make_context(command, words).params
    assert command == "predict"
    assert given["data"].startswith(f"{mounted['tables']}/")
    assert given["output"] == mounted["scored"]
