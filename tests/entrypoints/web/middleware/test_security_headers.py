"""Security headers of every response that is not a page: browsers keep, guess and run nothing of it."""

from entrypoints.web.routes import predictions

STRICT = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
ANSWERS = [
    ("POST", "/stream", b'{"X": 1}', 200),
    ("HEAD", "/health", b"", 200),
    ("GET", "/openapi.json", b"", 200),
    ("POST", "/stream", b"{", 400),
    ("GET", "/nothing", b"", 404),
    ("GET", "/docs/nothing", b"", 404),
    ("OPTIONS", "/stream", b"", 405),
]


def require_data(response, status):
    assert response.status_code == status
    assert {name: response.headers.getlist(name) for name in STRICT} == {name: [STRICT[name]] for name in STRICT}


def test_answers_are_data_to_browsers(one_feature, mocker):
    for method, path, body, status in ANSWERS:
        require_data(one_feature.open(path, method=method, data=body), status)

    mocker.patch.object(predictions, "read_json_body", autospec=True, side_effect=RuntimeError)
    require_data(one_feature.post("/stream", data=b"{}"), 500)


def test_no_page_of_another_origin_may_read_an_answer(one_feature):
    for answer in (
        one_feature.options("/stream", headers={"Origin": "https://a", "Access-Control-Request-Method": "POST"}),
        one_feature.post("/stream", json={"X": 1}, headers={"Origin": "https://a"}),
    ):
        assert [name for name, _ in answer.headers if name.startswith("Access-Control")] == []
