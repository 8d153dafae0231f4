"""Concurrency limiter: requests beyond the permits are answered 503, and no permit is lost."""

import threading
from io import BytesIO

import orjson
import pytest

from entrypoints.web.middleware import concurrency_limit
from tests.support.web.dependencies import MAX_CONCURRENT_REQUESTS

BODY = b'{"X": 0.2}'


class Posting:
    """Requests of several threads, each of which stops at `wait` until the end of the context."""

    def __init__(self, app, count, **environ):
        self.statuses = []
        self._arrived, self._go_on = threading.Semaphore(0), threading.Event()
        self._threads = [threading.Thread(target=self._post, args=(app.test_client(), environ)) for _ in range(count)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
            assert self._arrived.acquire(timeout=10)
        return self

    def __exit__(self, *_):
        self._go_on.set()
        for thread in self._threads:
            thread.join()

    def wait(self):
        self._arrived.release()
        self._go_on.wait(10)

    def _post(self, client, environ):
        made = {name: make(self) for name, make in environ.items()}
        self.statuses.append(client.post("/stream", data=BODY, environ_overrides=made).status_code)


class Stalled(BytesIO):
    """A body that arrives when the context ends."""

    def __init__(self, posting):
        super().__init__(BODY)
        self._posting = posting

    def read(self, size=-1):
        self._posting.wait()
        return super().read(size)


@pytest.fixture
def held(one_feature, web, mocker):
    """As many requests as there are permits, stopped in the middle of their predictions."""
    predict = web.predict
    posting = Posting(one_feature.application, MAX_CONCURRENT_REQUESTS)

    def hold(_, *request):
        posting.wait()
        return predict(*request)

    patched = mocker.patch.object(type(predict), "__call__", autospec=True, side_effect=hold)
    with posting:
        mocker.stop(patched)
        yield posting


def refused(client):
    response = client.post("/stream", data=BODY)
    return response.status_code, orjson.loads(response.data).get("code"), response.headers.get("Retry-After")


def test_request_without_a_permit_is_refused_and_the_others_are_answered(one_feature, held):
    assert refused(one_feature) == (503, "overloaded", "1")
    assert one_feature.get("/health").status_code == 200

    held.__exit__()

    assert held.statuses == [200] * MAX_CONCURRENT_REQUESTS
    assert one_feature.post("/stream", data=BODY).status_code == 200


def test_request_acquires_a_permit_that_is_released_in_time(one_feature, held, monkeypatch):
    monkeypatch.setattr(concurrency_limit, "ACQUIRE_TIMEOUT_SECONDS", 10)
    threading.Timer(0.2, held.__exit__).start()

    assert one_feature.post("/stream", data=BODY).status_code == 200


def test_stalled_bodies_leave_threads_for_refusals_and_probes(one_feature):
    stalled = {"wsgi.input": Stalled, "CONTENT_LENGTH": lambda _: str(len(BODY))}
    with Posting(one_feature.application, concurrency_limit.MAX_UNREAD_BODIES, **stalled) as posting:
        assert refused(one_feature) == (503, "overloaded", "1")
        assert one_feature.get("/livez").status_code == 200

    assert set(posting.statuses) <= {200, 503}
    assert one_feature.post("/stream", data=BODY).status_code == 200


def test_refused_requests_release_their_permit(one_feature):
    for body in [b"", b"{", b'{"X": "a"}', b'{"X": [1, 2]}'] * MAX_CONCURRENT_REQUESTS:
        assert one_feature.post("/stream", data=body).status_code in (400, 422)

    assert one_feature.post("/stream", data=BODY).status_code == 200
