"""More requests at once than there are turns: those without one are told to come back, and nothing is lost by it."""

import threading
from io import BytesIO

import orjson
import pytest

from entrypoints.web import turns
from tests.entrypoints.web.conftest import MAX_AT_ONCE

BODY = b'{"X": 0.2}'


@pytest.fixture
def held(one_feature, objects, mocker):
    """As many requests as there are turns, held up in the middle of their predictions; call it to let them go on."""
    arrived, go_on = threading.Semaphore(0), threading.Event()
    predict = objects.predict()

    def hold(_, rows):
        arrived.release()
        go_on.wait(10)
        return predict(rows)

    patched = mocker.patch.object(type(predict), "__call__", autospec=True, side_effect=hold)
    statuses = []
    app = one_feature.application
    threads = [
        threading.Thread(target=lambda: statuses.append(app.test_client().post("/stream", data=BODY).status_code))
        for _ in range(MAX_AT_ONCE)
    ]
    for thread in threads:
        thread.start()
        assert arrived.acquire(timeout=10)
    mocker.stop(patched)

    def release() -> list[int]:
        go_on.set()
        for thread in threads:
            thread.join()
        return statuses

    yield release
    release()


def test_request_without_a_turn_is_told_to_come_back_and_the_others_are_answered(one_feature, held):
    refused = one_feature.post("/stream", data=BODY)

    assert (refused.status_code, orjson.loads(refused.data)["code"]) == (503, "overloaded")
    assert refused.headers["Retry-After"] == "1"
    assert held() == [200] * MAX_AT_ONCE
    assert one_feature.post("/stream", data=BODY).status_code == 200


def test_request_gets_a_turn_that_is_given_back_in_time(one_feature, held, monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 10)
    threading.Timer(0.2, held).start()

    assert one_feature.post("/stream", data=BODY).status_code == 200


class Stalled(BytesIO):
    """A body that does not arrive before it is let."""

    def __init__(self, arrived, go_on):
        super().__init__(BODY)
        self._arrived, self._go_on = arrived, go_on

    def read(self, size=-1):
        self._arrived.release()
        self._go_on.wait(10)
        return super().read(size)


def test_stalled_bodies_leave_threads_for_saying_so(one_feature):
    arrived, go_on, statuses = threading.Semaphore(0), threading.Event(), []

    def stall():
        client, length = one_feature.application.test_client(), {"CONTENT_LENGTH": str(len(BODY))}
        stalled = {"wsgi.input": Stalled(arrived, go_on)}
        statuses.append(client.post("/stream", environ_overrides=stalled, environ_base=length).status_code)

    threads = [threading.Thread(target=stall) for _ in range(turns.BODIES)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert arrived.acquire(timeout=10)
    refused = one_feature.post("/stream", data=BODY)
    alive = one_feature.get("/livez")
    go_on.set()
    for thread in threads:
        thread.join()

    assert (refused.status_code, orjson.loads(refused.data)["code"]) == (503, "overloaded")
    assert refused.headers["Retry-After"] == "1"
    assert alive.status_code == 200
    assert set(statuses) <= {200, 503}
    assert one_feature.post("/stream", data=BODY).status_code == 200


def test_health_needs_no_turn(one_feature, held):
    assert one_feature.get("/health").status_code == 200


def test_refused_requests_give_their_turn_back(one_feature):
    for body in [b"", b"{", b'{"X": "a"}', b'{"X": [1, 2]}'] * MAX_AT_ONCE:
        assert one_feature.post("/stream", data=body).status_code in (400, 422)

    assert one_feature.post("/stream", data=BODY).status_code == 200
