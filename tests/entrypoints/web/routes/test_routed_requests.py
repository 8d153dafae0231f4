"""Requests during a rollout, on every protocol: who answers, what headers choose, and what is counted."""

import threading
import time
from collections import Counter
from itertools import count

import numpy as np
import orjson
import pytest

from adapters.memory.key_store import InMemoryKeyStore
from application.access.issue_key import IssueKey
from application.serving.compare_models import CompareModels
from application.serving.comparison_queue import MAX_QUEUED_REQUESTS
from domain.access.api_key import Role
from domain.delivery.plan import RolloutPlan
from domain.delivery.rollout import Phase
from domain.model.linear_model import LinearModel
from tests.support.examples import SteppingClock
from tests.support.program import wait_until
from tests.support.rollouts import a_served_rollout, in_rollout

ROW, JSON, INFER = [0.5, 0.1], "application/json", "/v2/models/endeavour"
TENSOR = {"name": "X", "shape": [1, 2], "datatype": "FP64", "data": ROW}
REQUESTS = {
    "/stream": ({"X": ROW}, JSON),
    "/batch": ({"X": [ROW]}, JSON),
    "/explain": ({"X": [ROW]}, JSON),
    "/invocations": ("bmi,bp\n0.5,0.1\n", "text/csv"),
    f"{INFER}/infer": ({"inputs": [TENSOR]}, JSON),
}
PINNED = f"{INFER}/versions/1/infer"
VALUES = ("result", "predictions", "outputs")


class Model(LinearModel):
    """A slope for bmi, and a method to call before each prediction."""

    def __init__(self, slope, before=lambda: None):
        super().__init__([slope, 0.0], 0.0, ("bmi", "bp"))
        object.__setattr__(self, "before", before)

    def predict(self, values):
        self.before()
        return super().predict(values)


def fail():
    raise RuntimeError("a defect")


@pytest.fixture
def rolled(web, client):
    """A function that starts a rollout of slope 2 instead of slope 1, and returns the client."""

    def roll(weight, challenger=None, **changes):
        served = a_served_rollout(challenger or Model(2.0), weight, **changes)
        web.current_model.replace(in_rollout(Model(1.0), served))
        return client

    return roll


@pytest.fixture
def compare(web):
    queue = web.predict.comparisons
    return CompareModels(queue, web.current_model, False, np.random.default_rng(0).random, time.thread_time)


@pytest.fixture
def counted(web):
    """A function that returns the counts of the rollout so far."""

    def read(*names):
        web.request_recorder.flush()
        sums = web.metrics.read()[0].items()
        return {series: value for series, value in sums if series[0].startswith(names or "rollout")}

    return read


def dashed(headers):
    return {name.replace("_", "-"): value for name, value in headers.items()}


def ask(client, path="/stream", **headers):
    """Return status, predicted value, version and role of a response."""
    body, content_type = REQUESTS.get(path, REQUESTS[f"{INFER}/infer"])
    data = body if isinstance(body, str) else orjson.dumps(body)
    response = client.post(path, data=data, content_type=content_type, headers=dashed(headers))
    value = next((response.json[name] for name in VALUES if name in response.json), None)
    if isinstance(value, list):
        value = value[0]["data"][0] if isinstance(value[0], dict) else value[0]
    return response.status_code, value, response.headers.get("X-Model-Version"), response.headers.get("X-Model-Role")


def test_every_protocol_is_answered_by_one_model_that_the_headers_name(rolled):
    for path in REQUESTS:
        for weight, challenger, answer in (
            (0, None, (200, 0.5, "1", "champion")),
            (10_000, None, (200, 1.0, "2", "challenger")),
            (10_000, Model(2.0, fail), (200, 0.5, "1", "fallback")),
        ):
            assert ask(rolled(weight, challenger), path) == answer, path


def test_no_header_names_a_role_without_a_rollout(serving):
    for path in REQUESTS:
        assert ask(serving(Model(1.0), "1"), path, X_Entity_Id="me") == (200, 0.5, "1", None)


def test_r02_no_status_changes_while_half_of_the_requests_meet_a_bad_challenger(rolled, serving):
    bodies = [{"X": row} for row in (ROW, [1e308, 1.0], [1], {"bmi": 1.0, "bp": 2}, ["a", 1], [1e301, 0])] * 20
    expected = [serving(Model(1.0), "1").post("/stream", json=body).status_code for body in bodies]
    for challenger in (Model(2.0, fail), Model(1e308), LinearModel([1.0, 2.0, 3.0], 0.0, ("bmi", "bp", "s1"))):
        client = rolled(5000, challenger)

        assert [client.post("/stream", json=body).status_code for body in bodies] == expected


def test_explanation_that_the_challenger_cannot_give_is_the_champion_s(rolled):
    beyond = LinearModel([3e300, -3e300], 0.0, ("bmi", "bp"))  # the sum is finite, and its parts are beyond 1e300
    client = rolled(10_000, beyond)
    data = orjson.dumps({"X": [[1.0, 1.0]]})

    response = client.post("/explain", data=data, content_type=JSON)

    assert (response.status_code, response.headers["X-Model-Role"]) == (200, "champion")
    assert client.post("/batch", data=data, content_type=JSON).headers["X-Model-Role"] == "challenger"


def test_entity_meets_one_model_and_requests_without_one_are_routed_by_their_id(rolled, counted):
    client = rolled(8000)

    assert {ask(client, X_Entity_Id="customer-8812345")[3] for _ in range(50)} == {"challenger"}  # bucket 7566
    assert {ask(client, X_Entity_Id="customer-8812346")[3] for _ in range(50)} == {"champion"}  # bucket 9186
    assert ask(client, X_Request_Id="customer-8812345")[3] == "challenger"
    for unfit in ("", "x" * 129, "a b", "a,b", "ü"):
        assert ask(client, X_Entity_Id=unfit, X_Request_Id="customer-8812346")[3] == "champion"

    keys = {series[1]: number for series, number in counted().items() if series[0] == "rollout_keys"}
    assert keys == {"entity": 100, "request": 1, "unfit": 5}


def test_answers_count_by_model_and_by_the_kind_of_their_key(rolled, counted):
    slow = Model(2.0, lambda: time.sleep(0.002))
    for weight, challenger, changes, series in (
        (0, None, {}, ("baseline", "ok")),
        (10_000, None, {}, ("candidate", "ok")),
        (10_000, Model(2.0, fail), {}, ("candidate", "bad")),
        (10_000, slow, {"plan": RolloutPlan(answer_ms=1.5)}, ("candidate", "bad")),
        (0, None, {"stage": 6}, ("candidate", "ok")),
    ):
        names = [("rollout_answers", series[0], key, series[1]) for key in ("request", "entity")]
        before = [counted().get(name, 0) for name in names]
        client = rolled(weight, challenger, **changes)
        ask(client)
        ask(client, X_Entity_Id="me")
        client.post("/stream", json={"X": ["text", 1]})

        assert [counted()[name] for name in names] == [count + 1 for count in before], series


def test_prediction_that_is_not_finite_is_a_bad_answer(web, client, counted):
    for slopes, weight, model in (((1e308, 1.0), 0, "baseline"), ((1e308, 1e308), 10_000, "candidate")):
        champion, challenger = map(Model, slopes)
        web.current_model.replace(in_rollout(champion, a_served_rollout(challenger, weight)))

        assert client.post("/stream", json={"X": [1e10, 0]}).status_code == 422
        assert counted()["rollout_answers", model, "request", "bad"] == 1


def test_header_of_an_operator_pins_the_model_and_leaves_the_request_out_of_the_evidence(rolled, serving, counted):
    client = rolled(5000)

    assert {ask(client, path, X_Endeavour_Model="both")[0] for path in (*REQUESTS, PINNED)} == {400}
    for pin, value in (("champion", 0.5), ("challenger", 1.0)):
        assert {ask(client, path, X_Endeavour_Model=pin)[1:2] for path in REQUESTS for _ in range(5)} == {(value,)}
    assert ask(serving(Model(1.0), "1"), X_Endeavour_Model="challenger")[0] == 404
    assert ask(client, X_Endeavour_Model="champion") == (200, 0.5, "1", None)
    assert counted() == {}


def test_version_in_the_path_pins_the_champion_for_all_and_the_challenger_for_operators(web, rolled):
    client, store, numbers = rolled(10_000), InMemoryKeyStore(), count(1)
    issue = IssueKey(store, SteppingClock(), lambda size: next(numbers).to_bytes(size, "big"))
    client_key, operator_key = (issue("me", roles).text for roles in ((Role.PREDICT,), (Role.PREDICT, Role.OPERATE)))
    one, two, three = (f"{INFER}/versions/{version}/infer" for version in "123")

    assert ask(client, two) == (200, 1.0, "2", "challenger")  # a server without keys
    web.active_keys.ring = store.ring()
    for key, statuses in ((client_key, (200, 404, 404)), (operator_key, (200, 200, 404))):
        assert tuple(ask(client, path, X_API_Key=key)[0] for path in (one, two, three)) == statuses
        for path in ("", "/ready"):
            urls = (f"{INFER}/versions/{version}{path}" for version in "123")
            assert tuple(client.get(url, headers={"X-API-Key": key}).status_code for url in urls) == statuses
        assert ask(client, one, X_API_Key=key)[1:] == (0.5, "1", "champion")
    assert ask(client, X_API_Key=client_key, X_Endeavour_Model="champion")[0] == 403
    assert ask(client, X_API_Key=operator_key, X_Endeavour_Model="champion")[0] == 200
    rolled(0, stage=6)  # after the promotion, the rollout's other version is the old champion
    assert ask(client, two, X_API_Key=operator_key)[0] == 404


def test_comparisons_of_every_protocol_are_counted(rolled, compare, counted):
    client = rolled(0, LinearModel([1.0, 0.0], 1e6, ("bmi", "bp")))

    for path in REQUESTS:
        ask(client, path)
        compare()

    pairs = {series[1:]: number for series, number in counted().items() if series[0] != "rollout_keys"}
    assert pairs == {("sampled",): 5, ("compared",): 5, (): 5, ("baseline", "request", "ok"): 5}


def test_labels_of_a_rollout_count_for_the_champion_and_for_the_test_of_the_error(rolled, counted):
    watch = a_served_rollout(Model(2.0)).rollout.plan.watch
    failing, asks, pins = Model(2.0, fail), {"X_Feedback": "1"}, {"X_Feedback": "1", "X_Endeavour_Model": "challenger"}
    expected = Counter()
    for weight, challenger, changes, headers, paired, version in (
        (0, None, {}, asks, 1, "1"),
        (10_000, None, {}, asks, 1, "1"),
        (0, None, {"stage": watch, "phase": Phase.WATCH}, asks, 1, "1"),
        (0, failing, {}, asks, 0, "1"),
        (10_000, failing, {}, asks, 0, "1"),
        (0, None, {}, pins, 0, "2"),
        (0, None, {"phase": Phase.PREFLIGHT}, asks, 0, "1"),
    ):
        client = rolled(weight, challenger, **changes)
        token = client.post("/stream", json={"X": ROW}, headers=dashed(headers)).headers["X-Feedback-Token"]
        client.post("/feedback", json={"token": token, "y": 1.0})
        expected.update({"paired": paired, version: 1})

        found = counted("rollout_squared_errors", "feedback_labels")

        assert sum(n for series, n in found.items() if series[0] == "rollout_squared_errors") == expected["paired"]
        assert found["feedback_labels", version] == expected[version]


def test_r11_blocked_comparison_leaves_requests_as_they_are_and_the_rest_is_dropped(rolled, compare, counted):
    go_on, blocked = threading.Event(), threading.Event()

    def block():
        if threading.current_thread().name == "compare":
            blocked.set()
            go_on.wait(30)

    client = rolled(5000, Model(2.0, block))
    ask(client)
    thread = threading.Thread(target=compare, name="compare")
    thread.start()
    assert blocked.wait(10)

    answers = [ask(client) for _ in range(200)]

    assert set(answers) == {(200, 0.5, "1", "champion"), (200, 1.0, "2", "challenger")}
    assert counted()["rollout_pairs", "sampled"] == 1 + MAX_QUEUED_REQUESTS
    assert counted()["rollout_pairs", "dropped"] == 200 - MAX_QUEUED_REQUESTS
    go_on.set()
    thread.join()
    wait_until(lambda: compare() or counted()["rollout_pairs", "compared"] == 1 + MAX_QUEUED_REQUESTS)


def test_worker_reports_the_rollout_that_it_applies(rolled, web):
    rolled(500, generation=7)
    web.request_recorder.flush()

    body = web.metrics.scrape("")[0].decode()

    assert 'endeavour_rollout_info{challenger="2",id="20261128T090412Z-2"} 1.0' in body
    for gauge in ("rollout_ready 1.0", "rollout_weight 500.0", "rollout_generation 7.0", "started_seconds"):
        assert f"\nendeavour_{gauge}" in body
