"""Stack with an object store: MLflow writes artifacts to S3 and reads them back."""

import os

import pytest

from tests.stack.conftest import new_stack
from tests.stack.engine import Stack, docker
from tests.support.program import requested, wait_until

pytestmark = pytest.mark.stack

KEYS = """
import boto3
store = boto3.client('s3', endpoint_url='http://s3:8333')
for item in store.list_objects_v2(Bucket='mlflow').get('Contents', []):
    print(item['Key'], item['Size'])
"""


SOURCE = """
import urllib.request as u
r = u.Request('http://web-1-front:8000/stream', b'{"X": 0.2}', {'Content-Type': 'application/json'})
print(u.urlopen(r).headers['X-Model-Source'])
"""


@pytest.fixture(scope="module")
def moto():
    image = "endeavour/moto:e2e"
    version = os.environ.get("PYTHON_VERSION", "3.13")
    file = ["--file", "tests/stack/s3/Dockerfile", "--build-arg", f"PYTHON_VERSION={version}"]
    docker("build", *file, "--tag", image, ".", seconds=900)
    return image


@pytest.fixture(scope="module")
def with_s3(images, secrets, moto):
    plain = new_stack(images, secrets, ENDEAVOUR_S3_IMAGE=moto)
    stack = Stack(plain.name, plain.variables, files=("docker-compose.yml", "docker-compose.s3.yml"))
    try:
        stack.compose("up", "--detach", "--no-build", "mlflow", "web-1")
        wait_until(lambda: stack.health("mlflow") == "healthy", seconds=240, every=2)
        yield stack
    finally:
        stack.compose("down", "--volumes", "--timeout", "5", check=False)
    assert not any(stack.leftovers().values())


def stored(stack):
    """Return size by key of everything in the bucket, read from the store itself."""
    lines = stack.python("mlflow", KEYS).splitlines()
    return {key: int(size) for key, _, size in (line.rpartition(" ") for line in lines)}


def test_artifact_is_written_to_the_store_and_read_back(with_s3):
    body, mlflow = bytes(range(256)) * 4096, int(with_s3.variables["MLFLOW_PAGE_PORT"])
    path = "/api/2.0/mlflow-artifacts/artifacts/of-a-test/bytes.bin"

    assert requested(mlflow, "PUT", path, body)[0] == 200

    assert stored(with_s3)["of-a-test/bytes.bin"] == len(body)
    status, _, answer = requested(mlflow, "GET", path)
    assert (status, answer) == (200, body)


def test_training_keeps_its_model_and_pictures_in_the_store(with_s3):
    before = stored(with_s3)

    facts = with_s3.endeavour("train")

    added = stored(with_s3).keys() - before.keys()

    assert facts["promoted"]
    assert any(key.endswith(".png") for key in added)
    # The champion is read from there too, by jobs and by replicas.
    wait_until(lambda: with_s3.python("web-1", SOURCE).strip() == "registry", seconds=15, every=0.5)
    assert "340.566" in with_s3.compose("run", "--rm", "-T", "train", "predict", "0.2")
