"""Endeavour answers a table of requests as `mlflow models serve` does, but for the deviations that are listed."""

import json
import re
from importlib.metadata import version
from pathlib import Path

import pytest

from entrypoints.web.protocols.mlflow_scoring.routes import PROTOCOL_VERSION
from tests.support.web.mlflow_scoring.answers import FLAWS, ask, same
from tests.support.web.mlflow_scoring.deviations import (
    DEVIATIONS,
    STATUSES,
    table_of_deviations,
    table_of_flaws,
)
from tests.support.web.mlflow_scoring.real_mlflow import answers, recorded, serving
from tests.support.web.mlflow_scoring.replayed import CASES

RECORDED = recorded()
PAGE = Path(__file__).parents[5] / "docs" / "mlflow-scoring.md"


@pytest.fixture(scope="module")
def ours(ports):
    return {name: ask(ports[case.model], case) for name, case in CASES.items()}


def test_recording_is_of_these_requests():
    assert list(RECORDED) == list(CASES)
    assert len(CASES) > 150


@pytest.mark.e2e
@pytest.mark.xdist_group("mlflow-scoring")
class TestReplay:
    def test_status_and_numbers_are_mlflows(self, ours):
        others = {name: (ours[name], RECORDED[name]) for name in CASES if name not in STATUSES}

        assert {name: pair for name, pair in others.items() if not same(*pair)} == {}

    def test_deviation_is_as_it_is_listed(self, ours):
        assert {name: ours[name]["status"] for name in STATUSES} == STATUSES
        assert [name for name in STATUSES if same(ours[name], RECORDED[name])] == []

    def test_body_holds_nothing_that_it_should_not(self, ours):
        flawed = {name: answer["flaws"] for name, answer in ours.items() if answer.get("flaws")}

        assert flawed == {}

    def test_error_has_a_code_of_mlflows_where_mlflow_has_one(self, ours):
        refused = {name for name, answer in ours.items() if answer["status"] == 400}

        codes = {ours[name]["error_code"] for name in refused}

        assert codes == {"BAD_REQUEST", "INVALID_PARAMETER_VALUE"}

    def test_prediction_is_one_a_row(self, ours):
        for case in ("value: an int: split", "records: in order", "inputs: columns", "CSV: in order"):
            assert len(ours[case]["predictions"]) == len(RECORDED[case]["predictions"]) > 1


def test_body_of_mlflows_still_has_each_flaw():
    assert {flaw for answer in RECORDED.values() for flaw in answer.get("flaws", ())} == set(FLAWS)


def test_every_deviation_is_listed_once():
    assert len(STATUSES) == sum(len(deviation.cases) for deviation in DEVIATIONS)


def test_page_has_the_table_of_deviations():
    page = PAGE.read_text(encoding="utf-8")

    assert table_of_deviations(RECORDED) in page
    assert table_of_flaws(RECORDED) in page
    assert f"A table of {len(CASES)} requests" in page


def test_examples_of_the_page_are_requests_in_order(two_features):
    bodies = re.findall(r"^```json\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    requests = [body for body in bodies if not {"predictions", "error_code"} & json.loads(body).keys()]

    assert len(requests) > 3
    for body in requests:
        assert two_features.post("/invocations", data=body).status_code == 200, body


@pytest.mark.integration
def test_protocol_is_that_of_the_mlflow_that_is_installed():
    assert version("mlflow") == PROTOCOL_VERSION


@pytest.mark.slow
@pytest.mark.integration
def test_recording_is_that_of_the_real_mlflow(tmp_path):
    with serving(tmp_path) as ports:
        theirs = answers(ports)

    changed = {
        name
        for name, answer in theirs.items()
        if not same(answer, RECORDED[name]) or answer.get("flaws") != RECORDED[name].get("flaws")
    }
    assert changed == set()
