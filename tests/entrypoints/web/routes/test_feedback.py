"""Feedback: the label of a prediction counts once, and malformed labels count for nothing."""

import pytest

from domain.model.usable_values import MAX_MAGNITUDE
from entrypoints.web.wire.labels import MAX_LABELS

ROW = {"X": 0.2}


def token_of(client):
    return client.post("/stream", json=ROW, headers={"X-Feedback": "1"}).headers["X-Feedback-Token"]


def test_token_is_sent_only_to_those_who_ask_for_it(one_feature):
    answers = [one_feature.post("/stream", json=ROW, headers=asked) for asked in ({}, {"X-Feedback": "0"})]

    assert not any("X-Feedback-Token" in answer.headers for answer in answers)
    assert token_of(one_feature) != token_of(one_feature)


def test_label_counts_once_for_the_error_of_its_model(one_feature):
    predicted = one_feature.post("/stream", json=ROW).json["result"]
    labels = [{"token": token_of(one_feature), "y": predicted + error} for error in (3.0, -4.0)]

    first = one_feature.post("/feedback", json=labels[0])
    both = one_feature.post("/feedback", json=labels)

    assert (first.status_code, first.json) == (202, {"counted": 1, "late": 0, "repeated": 0})
    assert (both.status_code, both.json) == (202, {"counted": 1, "late": 0, "repeated": 1})
    lines = dict(line.rsplit(" ", 1) for line in one_feature.get("/metrics").text.splitlines())
    found = {name: float(lines[name]) for name in lines if "feedback" in name and not name.startswith("#")}
    assert {name: round(value, 9) for name, value in found.items() if 'route="' not in name} == {
        'endeavour_feedback_total{outcome="counted"}': 2,
        'endeavour_feedback_total{outcome="repeated"}': 1,
        'endeavour_feedback_total{outcome="late"}': 0,
        'endeavour_feedback_labels_total{version="7"}': 2,
        'endeavour_feedback_squared_errors_total{version="7"}': 25,
        'endeavour_feedback_absolute_errors_total{version="7"}': 7,
        'endeavour_feedback_error{metric="mse",version="7"}': 12.5,
        'endeavour_feedback_error{metric="mae",version="7"}': 3.5,
    }
    assert float(lines['endeavour_holdout_error{metric="mse",version="7"}']) == 2548.07


def test_malformed_labels_are_refused_with_their_places(one_feature):
    good = {"token": token_of(one_feature), "y": 1.0}
    for body, status, code, places in (
        (3, 400, "not_object", ["the body"]),
        ([good, None], 400, "not_object", ["[1]"]),
        ({"y": "1", "X": 2}, 400, "missing_field", ["token", "X", "y"]),
        ({"C": 2, "X": 3, "a": 4, "b": 5}, 400, "missing_field", ["token", "y", "C", "X", "a", "b"]),
        ([{**good, "y": True}], 400, "wrong_type", ["[0].y"]),
        ([good, {**good, "token": 1}], 400, "wrong_type", ["[1].token"]),
        ({**good, "y": MAX_MAGNITUDE * 2}, 422, "out_of_range", ["y"]),
        ({**good, "token": "made up"}, 422, "invalid_token", ["token"]),
        ([good, {**good, "token": good["token"][:-1]}], 422, "invalid_token", ["[1].token"]),
        ([good] * (MAX_LABELS + 1), 422, "too_many_rows", ["the body"]),
    ):
        answer = one_feature.post("/feedback", json=body)

        assert (answer.status_code, answer.json["code"]) == (status, code), body
        assert [error["place"] for error in answer.json["errors"]] == places
    most = one_feature.post("/feedback", json=[good] * MAX_LABELS)
    assert most.json == {"counted": 1, "late": 0, "repeated": MAX_LABELS - 1}


def test_without_a_model_labels_are_503(client):
    answer = client.post("/feedback", json=[])

    assert (answer.status_code, answer.json["code"]) == (503, "no_model")


@pytest.mark.parametrize("body", [b"", b"[", b'{"token": "a", "y": 1e999}'])
def test_body_that_is_not_json_is_refused(one_feature, body):
    answer = one_feature.post("/feedback", data=body, content_type="application/json")

    assert answer.json["code"] in ("empty_body", "bad_json", "not_finite")
