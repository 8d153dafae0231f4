"""Weights file: only the bytes that were saved are a model."""

import pytest

from adapters.mlflow.weights_file import from_bytes, sha256, to_bytes
from domain.model.errors import CorruptModel
from tests.support.examples import a_version

WEIGHTS = to_bytes(a_version())


def test_c08_any_flipped_or_missing_bit_is_noticed_before_anything_is_parsed():
    digest = sha256(WEIGHTS)
    flipped = (WEIGHTS[:at] + bytes([WEIGHTS[at] ^ 1]) + WEIGHTS[at + 1 :] for at in range(len(WEIGHTS)))
    truncated = (WEIGHTS[:length] for length in (0, 1, len(WEIGHTS) // 2, len(WEIGHTS) - 1))

    for damaged in (*flipped, *truncated):
        with pytest.raises(CorruptModel, match="the registry has the digest of"):
            from_bytes(damaged, digest, "1")


def test_c08_content_that_is_no_record_is_refused_though_its_digest_is_right():
    for data in (b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b"\x80\x04."):
        with pytest.raises(CorruptModel):
            from_bytes(data, sha256(data), "1")
