"""Images: their libraries, users, labels and starts."""

import json

import pytest

from tests.stack.engine import ASK, docker
from tests.support.program import wait_until

pytestmark = pytest.mark.stack

# Of the packages and programs that PRESENT looks for, those of each image: neither installer nor compiler.
TRAINING = ["mlflow", "matplotlib", "pyarrow"]
PACKAGES = {"serve": [], "train": TRAINING, "mlflow": [*TRAINING, "psycopg", "boto3"]}
PRESENT = """
import importlib.util
import shutil
names = ('mlflow', 'matplotlib', 'pyarrow', 'psycopg', 'boto3', 'pip', 'setuptools')
programs = ('cc', 'gcc', 'make')
print([name for name in names if importlib.util.find_spec(name)] + [name for name in programs if shutil.which(name)])
"""


@pytest.mark.parametrize(("target", "present"), PACKAGES.items())
def test_image_has_the_libraries_of_its_job_a_user_of_its_own_and_labels_of_its_origin(images, target, present):
    image = images[f"ENDEAVOUR_{target.upper()}_IMAGE"]
    words = ["--rm", "--network", "none", "--read-only", "--entrypoint", "python"]
    config = json.loads(docker("inspect", image))[0]["Config"]

    assert docker("run", *words, image, "-c", PRESENT).strip() == str(present)
    assert config["User"] == "10001:10001"
    assert config["Labels"]["org.opencontainers.image.revision"] == "e2e"
    assert config["Labels"]["org.opencontainers.image.version"] == "0"
    assert "org.opencontainers.image.source" in config["Labels"]
    # A list is started as it is, a text by a shell, which would not pass on a signal.
    assert isinstance(config["Entrypoint"], list)
    assert config["Entrypoint"][0] not in ("/bin/sh", "sh")


def test_server_answers_with_no_network_and_no_writable_disk_and_ends_on_sigterm(images):
    words = ["--detach", "--network", "none", "--read-only", "--cap-drop", "ALL", "--tmpfs", "/tmp"]  # noqa: S108  # the container's own
    published = ["--env", "ENDEAVOUR_ADVERTISED_ADDRESS=127.0.0.1"]
    container = docker("run", *words, *published, images["ENDEAVOUR_SERVE_IMAGE"]).strip()
    try:
        wait_until(
            lambda: json.loads(docker("inspect", container))[0]["State"]["Health"]["Status"] == "healthy", 60, every=0.5
        )
        text = docker("exec", container, "python", "-c", ASK.format(host="127.0.0.1"))
        docker("stop", "--time", "15", container)
        state = json.loads(docker("inspect", container))[0]["State"]
    finally:
        docker("rm", "--force", "--volumes", container)

    assert text.startswith('bundled b\'{"result":340.566')
    assert state["ExitCode"] == 0
