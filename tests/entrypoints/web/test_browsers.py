"""Every answer tells browsers to keep, guess and run nothing."""

import pytest

from entrypoints.web import predictions

STRICT = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/stream", b'{"X": 1}', 200),
        ("POST", "/batch", b'{"X": [1]}', 200),
        ("GET", "/model", b"", 200),
        ("HEAD", "/health", b"", 200),
        ("GET", "/openapi.json", b"", 200),
        ("POST", "/stream", b"{", 400),
        ("POST", "/stream", b'{"X": []}', 422),
        ("GET", "/nowhere", b"", 404),
        ("GET", "/docs/nothing", b"", 404),
        ("OPTIONS", "/stream", b"", 405),
    ],
)
def test_answer_is_data_to_browsers(one_feature, method, path, body, status):
    response = one_feature.open(path, method=method, data=body)

    assert response.status_code == status
    for name, value in STRICT.items():
        assert response.headers.getlist(name) == [value]


def test_failure_of_the_server_is_data_to_browsers_too(one_feature, mocker):
    mocker.patch.object(predictions, "read_json", autospec=True, side_effect=RuntimeError)

    response = one_feature.post("/stream", data=b"{}")

    assert response.status_code == 500
    for name, value in STRICT.items():
        assert response.headers.getlist(name) == [value]
