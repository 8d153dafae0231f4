"""Tampering with a ledger is found and named."""

from domain.delivery.ledger import LedgerHead, line_hash
from domain.delivery.ledger_audit import chain_problems, history_problems, witness_problems
from domain.promotion.history import PromotionHistory
from tests.support.examples import NOON
from tests.support.ledgers import a_draft, a_rollout_end, chained

ENTRIES, LINES, HEAD = chained(
    a_draft(), a_draft("3", "1", 1), a_draft("1", "3", 2, event="rollback"), a_rollout_end(minutes=3)
)


def test_whole_ledger_has_no_problem_even_if_the_last_head_was_not_written():
    assert chain_problems((), LedgerHead()) == ()
    assert chain_problems(LINES, HEAD) == ()
    assert chain_problems(LINES, LedgerHead.of(ENTRIES[2])) == ()


def test_every_flipped_bit_is_found():
    for place, line in enumerate(LINES):
        for position in range(len(line)):
            for bit in (0, 5):
                flipped = line[:position] + chr(ord(line[position]) ^ 1 << bit) + line[position + 1 :]
                assert chain_problems((*LINES[:place], flipped, *LINES[place + 1 :]), HEAD)


def test_r12_every_removed_repeated_or_swapped_line_is_found():
    for place, line in enumerate(LINES):
        assert chain_problems((*LINES[:place], *LINES[place + 1 :]), HEAD)
        assert chain_problems((*LINES[:place], line, *LINES[place:]), HEAD)
        for other in range(place):
            lines = list(LINES)
            lines[place], lines[other] = lines[other], lines[place]
            assert chain_problems(lines, HEAD)


def test_problems_name_the_entry():
    _, forked, _ = chained(a_draft(), a_draft("7", "1", 1))

    for lines, head, problem in (
        ((*LINES[:2], LINES[2][:50], LINES[3]), HEAD, "line 3 is no entry: it is damaged or incomplete"),
        ((LINES[0], *LINES[2:]), HEAD, "entry 2 is missing before entry 3"),
        ((LINES[0], LINES[3]), HEAD, "entries 2 to 3 are missing before entry 4"),
        ((LINES[0], forked[1], *LINES[2:]), HEAD, "entry 3 does not follow the entry before it"),
        ((*LINES[:2], forked[1], *LINES[2:]), HEAD, "entry 2 is out of order on line 3, or there twice"),
        (LINES[:2], HEAD, "the ledger ends with entry 2, and its head names entry 4: later entries are missing"),
        (forked, LedgerHead.of(ENTRIES[1]), "entry 2 is not the one that the head names"),
        (LINES, LedgerHead(), "the head of the ledger names entry 0, and there are entries up to 4"),
    ):
        assert any(problem in found for found in chain_problems(lines, head))


def test_witness_contradicts_a_ledger_that_was_written_anew_or_ends_earlier():
    _, rewritten, head = chained(a_draft(actor="eve@host"), a_draft("3", "1", 1))
    seen = LedgerHead(2, line_hash(LINES[1]))

    assert chain_problems(rewritten, head) == ()
    assert witness_problems(LINES, {"a": LedgerHead(), "b": seen, "c": HEAD}) == ()
    assert witness_problems(rewritten, {"b": seen, "c": HEAD}) == (
        f"b has seen an entry 2 with the hash {seen.hash[:12]}…, which the ledger does not have",
        f"c has seen an entry 4 with the hash {HEAD.hash[:12]}…, which the ledger does not have",
    )


def test_history_that_differs_from_the_ledger_is_found():
    history = PromotionHistory()
    for entry in ENTRIES:
        if entry.event == "rollback":
            history = history.roll_back(at=entry.at)
        else:
            history = history.promote(entry.version, replacing=history.champion, at=entry.at)

    (unrecorded,) = history_problems(ENTRIES[:3], history)
    (other_champion,) = history_problems(ENTRIES, PromotionHistory(history.changes[:3]))

    assert history_problems(ENTRIES, history) == ()
    assert history_problems((), PromotionHistory()) == ()
    assert unrecorded.startswith("version 2 replaced 1 at 2026-11-23 12:03:00 UTC, and no entry records it")
    assert other_champion == "version 2 is the champion of the last entry, and version 1 is in production"
    assert history_problems(ENTRIES, history.promote("9", replacing="2", at=NOON)) != ()
