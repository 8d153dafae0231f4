"""Labels of predictions, sent back to a server of two workers."""

import random
import time

import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families as parse

from application.serving.issue_feedback_token import IssueFeedbackToken
from domain.delivery.feedback_keys import FeedbackKey, FeedbackKeys
from tests.support.program import ask, wait_until

pytestmark = pytest.mark.e2e

ROW = {"X": 0.2}
OLD, NEW = FeedbackKey(1, bytes(range(32))), FeedbackKey(2, bytes(32))


def keys_file(folder, *keys):
    path = folder / "feedback-keys"
    path.write_text("".join(f"{key.number}:{key.secret.hex()}\n" for key in keys))
    return path


def metrics(program):
    text = program.ask("GET", "/metrics")[2].decode()
    return {(one.name, *one.labels.values()): one.value for family in parse(text) for one in family.samples}


def condition(program):
    return orjson.loads(program.ask("GET", "/status")[2])["condition"]


def test_r13_tokens_that_are_delivered_three_times_count_once_on_a_host(ready, tmp_path):
    program = ready(feedback_keys=keys_file(tmp_path, OLD))
    issue = IssueFeedbackToken(FeedbackKeys((OLD,)), time.time, random.getrandbits)
    labels = [{"token": issue("bundled", 3.0), "y": 4.0} for _ in range(10_000)]
    lists = [labels[at : at + 1_000] for at in range(0, len(labels), 1_000)]

    # Each request has a connection of its own, so that both workers are reached.
    answers = [program.ask("POST", "/feedback", part) for part in lists * 3]

    assert {status for status, _, _ in answers} == {202}
    found = {}
    wait_until(lambda: found.update(metrics(program)) or found.get(("endeavour_feedback_total", "repeated")) == 20_000)
    assert found["endeavour_feedback_total", "counted"] == 10_000
    assert found["endeavour_feedback_labels_total", "bundled"] == 10_000
    assert found["endeavour_feedback_error", "mse", "bundled"] == 1.0


@pytest.mark.slow
def test_token_of_a_prediction_holds_for_all_workers_and_after_a_change_of_keys(ready, tmp_path):
    asked = {"X_Feedback": "1"}
    first = ready(feedback_keys=keys_file(tmp_path, OLD))
    tokens = [first.ask("POST", "/stream", ROW, **asked)[1]["x-feedback-token"] for _ in range(8)]
    statuses = [first.ask("POST", "/feedback", {"token": token, "y": 1.0})[0] for token in tokens[:6]]
    first.end()

    second = ready(feedback_keys=keys_file(tmp_path, NEW, OLD))
    statuses.append(second.ask("POST", "/feedback", {"token": tokens[6], "y": 1.0})[0])
    second.end()
    third = ready(feedback_keys=keys_file(tmp_path, NEW))
    statuses.append(third.ask("POST", "/feedback", {"token": tokens[7], "y": 1.0})[0])

    assert statuses == [202] * 7 + [422]


def test_without_a_file_of_keys_all_workers_of_a_host_have_the_same_key(ready):
    program = ready()
    with program.connection() as connection:
        headers = ask(connection, "POST", "/stream", ROW, X_Feedback="1")[1]
    label = {"token": headers["x-feedback-token"], "y": 1.0}

    statuses = [program.ask("POST", "/feedback", label)[0] for _ in range(12)]

    assert statuses == [202] * 12


def test_labels_that_are_far_off_need_an_operator_also_after_a_restart(ready, tmp_path):
    issue = IssueFeedbackToken(FeedbackKeys((OLD,)), time.time, random.getrandbits)
    labels = [{"token": issue("bundled", 3.0), "y": 1e4} for _ in range(100)]
    first = ready(feedback_keys=keys_file(tmp_path, OLD))
    assert first.ask("POST", "/feedback", labels)[0] == 202
    wait_until(lambda: condition(first)["kind"] == "look")
    first.end()

    second = ready(feedback_keys=keys_file(tmp_path, OLD))

    assert condition(second)["sentence"] == "The error of version bundled has risen above that of its held-out rows."
    wait_until(lambda: metrics(second).get(("endeavour_error_risen", "bundled")) == 1)
