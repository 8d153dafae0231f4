import pytest

from adapters.files.ledger_witness import HEAD, FileLedgerWitness
from domain.delivery.ledger import LedgerHead
from domain.errors import StoreUnavailable

SEEN = LedgerHead(7, "ab" * 32)


def test_head_is_kept_on_the_disk_and_a_damaged_one_counts_as_none(tmp_path):
    witness = FileLedgerWitness(tmp_path / "serving")
    assert witness.head() == LedgerHead()

    witness.keep(SEEN)

    assert FileLedgerWitness(tmp_path / "serving").head() == SEEN
    for damaged in (b"", b"7 ab", b"\xff", bytes(500)):
        (tmp_path / "serving" / HEAD).write_bytes(damaged)
        assert witness.head() == LedgerHead()


def test_disk_that_cannot_be_written_is_unavailable(tmp_path):
    (tmp_path / "file").write_text("in the way")
    witness = FileLedgerWitness(tmp_path / "file" / "serving")

    assert witness.head() == LedgerHead()
    with pytest.raises(StoreUnavailable, match="head of the ledger"):
        witness.keep(SEEN)
