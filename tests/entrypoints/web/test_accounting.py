import logging

import pytest

HOSTILE = ["", " ", "a b", "a" * 65, 'a"b', "ä", "a,b", "<b>", "../x!", "a\tb"]


@pytest.fixture
def lines(caplog, objects):
    """Return a function that gives the lines of the access log."""
    caplog.set_level(logging.INFO, logger="endeavour.access")

    def entered():
        objects.books().enter()
        return [record for record in caplog.records if record.name == "endeavour.access"]

    return entered


@pytest.mark.parametrize("proposed", ["a", "0-9._A", "x" * 64])
def test_request_id_is_taken_over_from_the_client(one_feature, proposed):
    for path in ("/health", "/nowhere", "/stream"):
        assert one_feature.get(path, headers={"X-Request-Id": proposed}).headers["X-Request-Id"] == proposed


@pytest.mark.parametrize("proposed", HOSTILE)
def test_request_id_that_could_do_harm_is_replaced(one_feature, proposed):
    given = one_feature.get("/health", environ_overrides={"HTTP_X_REQUEST_ID": proposed}).headers["X-Request-Id"]

    assert given != proposed
    assert given.isalnum()


def test_request_ids_differ(one_feature):
    assert len({one_feature.get("/health").headers["X-Request-Id"] for _ in range(50)}) == 50


def test_prediction_is_one_line_in_the_log(one_feature, lines):
    one_feature.post("/batch", json={"X": [1, 2, 3]}, headers={"X-Request-Id": "mine"})

    (line,) = lines()
    assert line.getMessage() == "request"
    assert (line.request_id, line.method, line.path, line.status) == ("mine", "POST", "/batch", 200)
    assert (line.rows, line.version) == (3, "7")
    assert 0 < line.ms < 10_000


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/stream", 405)])
def test_refused_request_is_one_line_in_the_log_too(one_feature, lines, path, status):
    one_feature.get(path)

    (line,) = lines()
    assert (line.path, line.status) == (path, status)


def test_long_path_is_cut_in_the_log(one_feature, lines):
    one_feature.get("/" + "x" * 5000)

    assert len(lines()[0].path) == 200
