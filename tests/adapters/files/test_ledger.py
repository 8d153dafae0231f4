import stat

import pytest

from adapters.files.ledger import HEAD, LINES, FileLedger
from domain.delivery.ledger import LedgerHead
from domain.delivery.ledger_audit import chain_problems
from domain.errors import StoreUnavailable
from tests.contracts.ledger_store import LedgerStoreContract
from tests.support.ledgers import a_draft


@pytest.fixture
def root(tmp_path):
    return tmp_path / "weights"


@pytest.fixture
def ledger(root):
    return FileLedger(root)


@pytest.fixture
def file(root, ledger):
    """The file of a ledger with three entries."""
    for minutes in range(3):
        ledger.append(a_draft(minutes=minutes))
    return root / LINES


class TestFileLedger(LedgerStoreContract):
    @pytest.fixture
    def second(self, root):
        return FileLedger(root)

    @pytest.fixture
    def unreachable_ledger(self, tmp_path):
        (tmp_path / "file").write_text("in the way")
        return FileLedger(tmp_path / "file" / "weights")

    @pytest.fixture
    def tamper(self, root):
        def tamper(number, line):
            lines = (root / LINES).read_text().splitlines(keepends=True)
            lines[number - 1 : number] = [f"{line}\n"] if line else []
            (root / LINES).write_text("".join(lines))

        return tamper


def test_every_flipped_byte_of_either_file_is_found(root, ledger, file):
    for path in (file, root / HEAD):
        good = path.read_bytes()
        for position in range(len(good)):
            path.write_bytes(good[:position] + bytes([good[position] ^ 0x01]) + good[position + 1 :])
            assert chain_problems(ledger.lines(), ledger.head())
        path.write_bytes(good)
    assert chain_problems(ledger.lines(), ledger.head()) == ()


def test_r12_line_that_was_cut_off_is_found_and_then_removed_without_a_loss(root, ledger, file, caplog):
    (root / HEAD).write_text(LedgerHead.of(ledger.entries()[1]).to_text())
    good = file.read_bytes()
    file.write_bytes(good[:-30])

    assert chain_problems(ledger.lines(), ledger.head()) == ("line 3 is no entry: it is damaged or incomplete",)
    assert ledger.append(a_draft(minutes=2)).number == 3

    assert file.read_bytes() == good
    assert chain_problems(ledger.lines(), ledger.head()) == ()
    assert [record.message for record in caplog.records] == ["ledger_line_cut_off"]


def test_line_without_its_line_break_is_kept(ledger, file):
    file.write_bytes(file.read_bytes().rstrip())

    assert ledger.append(a_draft(minutes=3)).number == 4
    assert chain_problems(ledger.lines(), ledger.head()) == ()


def test_removed_end_stays_visible_after_the_next_entry(ledger, file):
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:2]))

    assert ledger.append(a_draft(minutes=3)).number == 4
    assert chain_problems(ledger.lines(), ledger.head()) == ("entry 3 is missing before entry 4",)


def test_file_is_readable_for_its_owner_only_and_a_huge_one_is_refused(ledger, file):
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with file.open("ab") as opened:
        opened.truncate(65 * 1024 * 1024)
    with pytest.raises(StoreUnavailable, match="larger than"):
        ledger.append(a_draft())
