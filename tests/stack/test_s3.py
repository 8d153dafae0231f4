"""Stack with an object store: MLflow writes artifacts to S3 and reads them back."""

import os

import pytest

from tests.stack.conftest import new_stack
from tests.stack.engine import ASK, Stack, docker
from tests.support.program import wait_until

pytestmark = pytest.mark.stack

KEYS = """
import boto3
store = boto3.client('s3', endpoint_url='http://s3:8333')
for item in store.list_objects_v2(Bucket='mlflow').get('Contents', []):
    print(item['Key'], item['Size'])
"""

TABLE = """
import boto3
store = boto3.client('s3', endpoint_url='http://s3:8333')
rows = ''.join(f'{row % 13},{row * row % 7},{3 * (row % 13) + row % 5}\\n' for row in range(1000))
store.put_object(Bucket='mlflow', Key='tables/table.csv', Body=('a,b,y\\n' + rows).encode())
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
    files = ("docker-compose.yml", "docker-compose.s3.yml", "tests/stack/s3/trainers.yml")
    stack = Stack(plain.name, plain.variables, files=files)
    with stack.removed():
        stack.start("mlflow", "web-1", waits_for="mlflow", seconds=240)
        yield stack


def stored(stack):
    """Return the sizes in bytes of all objects in the bucket, by key, read from the store itself."""
    lines = stack.python("mlflow", KEYS).splitlines()
    return {key: int(size) for key, _, size in (line.rpartition(" ") for line in lines)}


def test_training_keeps_its_model_and_pictures_in_the_store(with_s3):
    before = stored(with_s3)

    training = with_s3.endeavour("train")

    added = {key: size for key, size in stored(with_s3).items() if key not in before}
    assert training["promoted"]
    assert any(key.endswith(".png") for key in added)
    assert all(added.values())
    # Jobs and replicas read the champion from the store too.
    ask = ASK.format(host="web-1-front")
    wait_until(lambda: with_s3.python("web-1", ask).startswith("registry "), seconds=15, every=0.5)
    assert "340.566" in with_s3.compose("run", "--rm", "-T", "train", "predict", "0.2")


def test_training_reads_a_table_from_the_store(with_s3):
    with_s3.python("mlflow", TABLE)

    plan = with_s3.endeavour("train", "--dry-run", "--data", "s3://mlflow/tables/*.csv")

    assert (plan["data"], plan["train_rows"] + plan["holdout_rows"]) == ("s3://mlflow/tables/*.csv", 1000)
