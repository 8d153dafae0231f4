"""A body is read from the server by chunks."""

import io

from entrypoints.web.wire import body
from entrypoints.web.wire.body import read_at_most


class Trickling(io.BytesIO):
    """Returns fewer bytes than asked for, as a stream may."""

    def read(self, size=-1):
        return super().read(min(size, 3))


def test_no_more_is_read_than_asked_for_and_nothing_left_out(mocker):
    mocker.patch.object(body, "READ_BYTES", 4)
    for stream in (io.BytesIO, Trickling):
        for most in (1, 4, 5, 9, 10, 11, 100):
            sent = stream(b"0123456789")

            assert read_at_most(sent, most) == b"0123456789"[:most]
            assert sent.read(3) == b"0123456789"[most : most + 3]
