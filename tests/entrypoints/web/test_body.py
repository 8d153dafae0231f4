"""How a body is taken from the server."""

import io

import pytest

from entrypoints.web import body
from entrypoints.web.body import taken


class Trickling(io.BytesIO):
    """Gives less than is asked for, as a stream may."""

    def read(self, size=-1):
        return super().read(min(size, 3))


@pytest.fixture(autouse=True)
def small_pieces(mocker):
    mocker.patch.object(body, "PIECE", 4)


@pytest.mark.parametrize("most", [1, 4, 5, 9, 10, 11, 100])
def test_no_more_is_taken_than_was_asked_for_and_nothing_left_out(most):
    sent = io.BytesIO(b"0123456789")

    assert taken(sent, most) == b"0123456789"[:most]
    assert sent.read() == b"0123456789"[most:]


@pytest.mark.parametrize("most", [8, 10, 100])
def test_pieces_may_be_smaller_than_was_asked_for(most):
    assert taken(Trickling(b"0123456789"), most) == b"0123456789"[:most]


@pytest.mark.parametrize("raw", [b"", b"[", b"{", b'{"X":[]}', b"[[", b"{{[", b"]}" * 9, b"[{" * 9])
def test_brackets_are_counted(raw):
    assert body._brackets(raw) == raw.count(b"[") + raw.count(b"{")
