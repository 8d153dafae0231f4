"""`python -m tests.entrypoints.web.arrow_mutations SEED COUNT`: send that many broken streams, and count the answers.

In a process of its own, since what is looked for would end it. The last body that was sent is kept in the file that
LAST_BODY names, to be looked at if that happens.
"""

import faulthandler
import os
import random
import resource
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import orjson

from domain.linear_model import LinearModel
from domain.model_version import ModelVersion
from domain.snapshot import Snapshot, Source
from entrypoints.web.app import create_app
from tests.entrypoints.web.arrow_streams import ARROW, column, mutated, stream, table
from tests.entrypoints.web.conftest import Objects
from tests.examples import a_lineage

# A server that answers none of these has failed.
BLAMED = {400, 413, 415, 422}


def bodies():
    """Return good streams of every kind that is accepted or refused."""
    values = np.linspace(-1, 1, 9)
    plain = table(bmi=values, bp=column(range(9), "int32"))
    small = table(bmi=column(values, "float32"), bp=column(range(9), "uint8"))
    holes = table(bmi=column(values, valid=[1, 1, 0, 1, 1, 1, 1, 1, 1]), bp=values)
    return [
        stream(plain, plain.slice(3, 4)),
        stream(small),
        stream(holes),
        stream(plain, compression="lz4"),
        stream(plain, compression="zstd"),
    ]


def main(seed, count):
    faulthandler.enable()
    # A length that is believed would be 2^31 bytes or more.
    resource.setrlimit(resource.RLIMIT_AS, (4 * 1024**3, 4 * 1024**3))
    objects, chance = Objects(), random.Random(seed)  # noqa: S311  # the same again next time
    model = LinearModel(np.array([938.2, -0.1]), 152.9, ("bmi", "bp"))
    objects.live_model.replace(Snapshot(ModelVersion("7", model, a_lineage()), Source.REGISTRY))
    client, good, answers = create_app(objects).test_client(), bodies(), Counter()
    for number in range(count):
        body = mutated(chance.choice(good), chance)
        if place := os.environ.get("LAST_BODY"):
            Path(place).write_bytes(body)
        response = client.post("/batch", data=body, content_type=ARROW)
        if response.status_code == 200:
            assert response.content_type == ARROW, number
        else:
            assert response.status_code in BLAMED, (number, response.status_code)
            assert len(response.data) <= 4096, number
        answers[response.status_code if response.status_code == 200 else orjson.loads(response.data)["code"]] += 1
    print(orjson.dumps(answers, option=orjson.OPT_NON_STR_KEYS).decode())  # noqa: T201  # what the test reads


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
