"""JSON endpoints: responses to invalid requests, the same on all prediction routes but for the error format."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import orjson
import pytest
import werkzeug.exceptions
from hypothesis import given
from hypothesis import strategies as st

from application.serving.predict import Predict
from domain.model.linear_model import LinearModel
from entrypoints.web.app import create_app
from entrypoints.web.wire import json_body
from entrypoints.web.wire.error_codes import CODES
from tests.support.web.dependencies import MAX_BODY_BYTES, MAX_ROWS
from tests.support.web.strategies import bodies

# Text of the client's: no response may repeat it.
CANARY = "sent-by-the-client"

Invalid = tuple[Any, str, list[str]]
"""A body, and the code and places of its response."""

INVALID_JSON = [
    *((body, "empty_body") for body in (b"", b" \r\n ")),
    *((body, "bad_json") for body in (b"{", b'{"X": 0.2} {}', b'{"X": 01}', b"{'X': 1}", b'{"X": NaN}')),
    *((body, "bad_json") for body in (b'{"X": -Infinity}', b"[" * 1100)),
    *((body, "invalid_encoding") for body in (b'{"X": "\xff"}', b'\xef\xbb\xbf{"X": 1}', '{"X": 1}'.encode("utf-16"))),
    (b"[" * 2000 + b"]" * 2000, "too_deep"),
    *((body, "not_object") for body in (b"[]", b"0.2", b'"sent-by-the-client"', b"null")),
    (b"{}", "missing_field"),
]
INFINITE = [(b'{"X": ' + number + b', "Y": {}}', "not_finite", []) for number in (b"1e999", b"-1e999", b"9" * 5000)]
OTHER_MEDIA = [
    *(({"Content-Type": kind}, "unsupported_media_type") for kind in ("text/plain", "application/jsonp", "a/b")),
    *(({"Content-Encoding": coding}, "unsupported_encoding") for coding in ("gzip", "identity, gzip")),
]


class JsonEndpointContract:
    """A subclass sets the path, a valid body for the features bmi and bp, its error format and its invalid bodies."""

    path: str
    valid: Any
    error_members: ClassVar = {"type", "title", "status", "detail", "code", "request_id", "errors"}
    error_type = "application/problem+json"
    invalid_forms: Sequence[Invalid]
    """Answered with 400."""
    invalid_values: Sequence[Invalid]
    """Answered with 422, for a slope so steep that valid features overflow the prediction."""
    other_media: Sequence[tuple[Mapping[str, str], str]]
    random_bodies: st.SearchStrategy[bytes] = bodies

    @pytest.fixture
    def steep(self, serving):
        return serving(LinearModel([1e9, -0.1], 0.0, ("bmi", "bp")))

    def post(self, client, body, **options):
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        return client.post(self.path, data=data, **{"content_type": "application/json", **options})

    def status_of(self, response) -> int:
        """Return the status of the response in RFC 9457's format."""
        return response.status_code

    def problem_of(self, response) -> tuple[int, str, list[str]]:
        """Return status, code and places of a response that must be an error in the protocol's format."""
        body, status = orjson.loads(response.data), self.status_of(response)
        assert set(body) == self.error_members
        assert response.content_type == self.error_type
        assert body["code"] in CODES[status]
        assert body.get("status", status) == status
        assert body.get("type", "").endswith(body["code"] if "type" in body else "")
        assert body.get("error") == (body["detail"] if "error" in body else None)
        assert body["request_id"] == response.headers["X-Request-Id"]
        assert len(response.data) <= 4096
        assert CANARY.encode() not in response.data
        return status, body["code"], sorted(error["place"] for error in body["errors"])

    def require_problems(self, steep, status, invalid, **options):
        problems = [(str(body)[:80], self.problem_of(self.post(steep, body, **options))) for body, _, _ in invalid]
        expected = [(str(body)[:80], (status, code, sorted(places))) for body, code, places in invalid]

        assert [pair for pair in zip(problems, expected, strict=True) if pair[0] != pair[1]] == []

    def test_invalid_json_is_400(self, steep):
        problems = [(body, code, self.problem_of(self.post(steep, body))) for body, code in INVALID_JSON]

        assert [(body[:40], problem) for body, code, problem in problems if problem[:2] != (400, code)] == []

    def test_invalid_form_is_400_and_names_the_places(self, steep):
        self.require_problems(steep, 400, self.invalid_forms)

    def test_invalid_value_is_422_and_names_the_places(self, steep):
        self.require_problems(steep, 422, [*INFINITE, *self.invalid_values])

    def test_more_rows_than_allowed_are_refused_before_they_are_parsed(self, steep, mocker):
        parse = mocker.patch.object(json_body.orjson, "loads", autospec=True)
        response = self.post(steep, b'{"X": [' + b"[]," * (MAX_ROWS + 5_000) + b"[]]}")

        parse.assert_not_called()
        mocker.stopall()
        assert self.problem_of(response) == (422, "too_many_rows", ["the body"])

    def test_other_media_are_415(self, steep):
        for headers, code in [*OTHER_MEDIA, *self.other_media]:
            response = steep.post(self.path, data=orjson.dumps(self.valid), headers=headers)
            assert self.problem_of(response) == (415, code, []), headers

    def test_body_without_a_type_is_json_but_from_a_page_it_is_415(self, steep):
        body = orjson.dumps(self.valid)

        assert steep.post(self.path, data=body).status_code == 200
        assert self.problem_of(steep.post(self.path, data=body, headers={"Origin": "https://a"}))[0] == 415

    def test_longest_body_is_read_and_a_longer_one_is_413(self, steep):
        body = orjson.dumps(self.valid)

        assert self.post(steep, body.ljust(MAX_BODY_BYTES)).status_code == 200
        assert self.problem_of(self.post(steep, body.ljust(MAX_BODY_BYTES + 1))) == (413, "body_too_large", [])

    def test_length_that_is_not_that_of_the_body_is_refused(self, steep):
        body = orjson.dumps(self.valid)
        for length in ("9" * 30, "99999999", "-1", "+10", "0x10", "١٠", "ten", str(len(body) + 1)):
            response = steep.post(self.path, data=body, environ_overrides={"CONTENT_LENGTH": length})
            assert self.problem_of(response)[:2] in [(413, "body_too_large"), (400, "length_mismatch")], length

    def test_other_methods_are_405(self, steep):
        for method in ("GET", "OPTIONS", "DELETE"):
            response = steep.open(self.path, method=method)
            assert self.problem_of(response) == (405, "method_not_allowed", [])
            assert response.headers["Allow"] == "POST"

    def test_without_a_model_it_is_503(self, web):
        response = self.post(create_app(web).test_client(), self.valid)

        assert self.problem_of(response) == (503, "no_model", [])
        assert response.headers["Retry-After"] == "1"

    @pytest.mark.usefixtures("steep")
    def test_unexpected_exception_is_500_without_details_and_logged(self, web, caplog):
        class Failing(Predict):
            def __call__(self, *_):
                raise errors.pop()

        errors = [RuntimeError(CANARY), werkzeug.exceptions.Conflict(CANARY)]
        failing = create_app(replace(web, predict=Failing(web.current_model))).test_client()
        while errors:
            response = self.post(failing, self.valid, headers={"X-Request-Id": "mine"})

            assert self.problem_of(response) == (500, "internal_error", [])
            (failed,) = [record for record in caplog.records if record.message == "request_failed"]
            assert failed.request_id == "mine"
            assert CANARY in caplog.text
            caplog.clear()

    def test_random_body_is_predicted_or_the_client_s_error(self, steep):
        @given(self.random_bodies)
        def require_answer(body):
            response = self.post(steep, body)
            assert response.status_code == 200 or self.problem_of(response)[0] in (400, 422)

        require_answer()
