"""OpenAPI document against a real server: schemathesis sends what the document allows and checks the answers."""

import re
import secrets
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import orjson
import pytest

from adapters.files.csv_weights import CsvWeights
from adapters.files.model_store import FileModelStore
from domain.access.api_key import Role
from domain.model.calibration import Calibration
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from entrypoints.web.protocols.mlflow_scoring.schemas import FORMS
from tests.support.examples import a_lineage
from tests.support.keys import Keys
from tests.support.mixed_tables import example_encoding, moments_of
from tests.support.program import INHERITED, Program

pytestmark = pytest.mark.e2e

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
# No schema expresses that columns are of equal length, that a tensor has as many values as its shape, that a
# contribution is beyond the largest number, that a token is signed, or that a version is listed. Requests that are
# valid by their schema may be refused there.
# `test_examples_of_every_chapter_are_answered` sends the examples.
BEYOND_SCHEMAS = "".join(
    f"""
[[operations]]
include-path = "{path}"
[operations.checks]
positive_data_acceptance.expected-statuses = ["2xx", "400", "401", "403", "404", "409", "422", "5xx"]
"""
    for path in (
        *("/effects", "/explain", "/feedback", "/invocations", "/versions"),
        *("/v2/models/{name}/infer", "/v2/models/{name}/versions/{version}/infer"),
    )
)
# A GET has few parameters, and the coverage phase sends every case of each.
FEW_GETS = """
[[operations]]
include-method = "GET"
generation.max-examples = {cases}
"""
# Without requests that are made of the answers to others, which only the long form sends.
ONE_BY_ONE = ("--phases", "examples,coverage,fuzzing")
# Where the document and the answers depend on the columns of the model; the other routes are tried with one model.
OF_THE_COLUMNS = ("--include-path-regex", "^/(stream|batch|explain|invocations|model|v2/models)")
ENCODING = example_encoding()
MODELS = {
    "all kinds": LinearModel(np.ones(len(ENCODING.term_names)), 152.13, ENCODING),
    "one feature": LinearModel(np.array([938.24]), 152.13, ("bmi",)),
    "three features": LinearModel(np.array([603.1, 262.27, 543.87]), 152.13, ("bmi", "Größe in m", 's"5')),
}


@pytest.fixture(
    scope="module",
    params=["three features", *(pytest.param(name, marks=pytest.mark.slow) for name in ("one feature", "all kinds"))],
)
def program(request, tmp_path_factory):
    """A server that asks for keys, and one that does not."""
    artifacts = tmp_path_factory.mktemp("openapi") / "artifacts"
    store = FileModelStore(artifacts / "weights", CsvWeights())
    model = MODELS[request.param]
    version = ModelVersion("", model, a_lineage(), None, moments_of(model), Calibration(19, np.arange(19.0)))
    store.promote(store.save(version).name, replacing=None, at=datetime.now(UTC))
    key = Keys(artifacts).add("me", *Role) if request.param == "three features" else ""
    with Program(artifacts) as program:
        program.key, program.routes = key, () if key else OF_THE_COLUMNS
        yield program


@pytest.fixture
def put_to(tmp_path):
    """A function that runs schemathesis with a document against a server, and returns the finished process."""

    def put(program, *options, document="openapi.json", cases=20, seed=4):
        (tmp_path / "schemathesis.toml").write_text(FEW_GETS.format(cases=cases // 10) + BEYOND_SCHEMAS)
        address = f"http://127.0.0.1:{program.port}"
        place = document if isinstance(document, Path) else f"{address}/{document}"
        words = [SCHEMATHESIS, "run", place, "--url", address, "--checks", "all", "--mode", "all", "--no-color"]
        words += ["--header", f"Authorization: Bearer {program.key}"] if program.key else []
        words += ["--max-examples", str(cases), "--seed", str(seed), "--suppress-health-check", "all", *options]
        return subprocess.run(words, check=False, cwd=tmp_path, env=INHERITED, capture_output=True, text=True)

    return put


@pytest.mark.parametrize(
    ("options", "cases", "seed"),
    [
        pytest.param(ONE_BY_ONE, 150, 4, marks=pytest.mark.slow, id="slow"),
        pytest.param((), 3000, secrets.randbelow(2**31), marks=pytest.mark.soak, id="soak"),
    ],
)
def test_document_holds(program, put_to, options, cases, seed):
    """For the cases of one seed and, in a soak, for many of a seed that is new each time and appears in a failure."""
    done = put_to(program, *options, *program.routes, cases=cases, seed=seed)

    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.search(r"(\d+) generated", done.stdout)[1]) > 4 * cases
    selected, known = map(int, re.search(r"Selected: (\d+)/(\d+)$", done.stdout, re.MULTILINE).groups())
    assert selected == (11 if program.routes else known)
    assert program.logged("request_failed") == []


def test_examples_of_every_chapter_are_answered(program):
    document = orjson.loads(program.ask("GET", "/openapi.json", X_API_Key=program.key)[2])
    answered = {}

    for path, operation in ((path, item["post"]) for path, item in document["paths"].items() if "post" in item):
        if path.startswith(("/feedback", "/rollout")):  # a token of its own, or a rollout, comes before these
            continue
        only = {it["name"]: it["schema"]["enum"][0] for it in operation.get("parameters", ()) if it.get("in") == "path"}
        examples = operation["requestBody"]["content"]["application/json"]["examples"]
        answered[path] = {
            title: program.ask("POST", path.format(**only), example["value"], X_API_Key=program.key)[0]
            for title, example in examples.items()
        }

    infer = [answered.pop(path) for path in list(answered) if path.endswith("/infer")]
    assert answered["/invocations"].keys() == FORMS.keys()
    assert answered.keys() == {"/stream", "/batch", "/explain", "/invocations"}
    assert [set(statuses.values()) for statuses in (*answered.values(), *infer)] == [{200}] * 6


@pytest.mark.slow
@pytest.mark.parametrize("program", ["three features"], indirect=True)
@pytest.mark.parametrize("lie", ["larger numbers", "no 422", "another header"])
def test_document_that_is_not_true_is_found_out(program, put_to, tmp_path, lie):
    document = orjson.loads(program.ask("GET", "/openapi.json", X_API_Key=program.key)[2])
    stream = document["paths"]["/stream"]["post"]
    match lie:
        case "larger numbers":
            for schema in document["components"]["schemas"].values():
                schema.update({"maximum": 1e305} if schema.get("maximum") == 1e300 else {})
        case "no 422":
            del stream["responses"]["422"]
        case "another header":
            document["components"]["headers"]["X-Model-Source"]["schema"]["enum"] = ["elsewhere"]
    document["paths"] = {"/stream": {"post": stream}}
    file = tmp_path / "lie.json"
    file.write_bytes(orjson.dumps(document))

    done = put_to(program, "--phases", "coverage", "--no-shrink", document=file)

    assert done.returncode == 1, done.stdout + done.stderr


def test_headers_name_no_version_of_the_server(program):
    for path in ("/health", "/docs", "/none"):
        _, headers, _ = program.ask("GET", path)

        assert not re.search(r"\d", headers.get("server", ""))
