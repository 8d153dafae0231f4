"""PNG file: the pixels of a canvas, compressed without a filter.

Charts are mostly areas of one color. Trying the filters of PNG for each row takes twice the time of the compression and
makes larger files of them.
"""

import zlib
from struct import pack

import numpy as np
from numpy.typing import NDArray

COMPRESSION_LEVEL = 3


def png_file(pixels: NDArray[np.uint8]) -> bytes:
    """Return the file of opaque `pixels`, an array of shape (height, width, 3 or 4) of red, green, blue and opacity."""
    height, width, _ = pixels.shape
    # Each row begins with the number of its filter: 0 is none.
    rows = np.zeros((height, 1 + 3 * width), np.uint8)
    rows[:, 1:] = pixels[:, :, :3].reshape(height, -1)
    # 8 bits for each of three colors, without a palette and interlacing.
    header = pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), COMPRESSION_LEVEL)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in chunks)


def _chunk(name: bytes, content: bytes) -> bytes:
    return pack(">I", len(content)) + name + content + pack(">I", zlib.crc32(content, zlib.crc32(name)))
