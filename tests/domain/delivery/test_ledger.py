"""Entries, lines and the head of a ledger."""

import hashlib
import json
from dataclasses import replace

import pytest

from domain.delivery.ledger import LedgerHead, from_line, readable, to_line
from tests.support.ledgers import a_draft, a_rollout_end, chained


def test_line_is_read_back_as_the_entry_and_its_hash_is_what_sha256sum_prints():
    entries, lines, head = chained(a_draft(), a_rollout_end(minutes=5, why="pæssed\n\x1b[31m"))

    assert tuple(map(from_line, lines)) == entries
    assert [json.loads(line)["number"] for line in lines] == [1, 2]
    assert entries[1].previous == hashlib.sha256(lines[0].encode("ascii")).hexdigest()
    assert head == LedgerHead(2, hashlib.sha256(lines[1].encode("ascii")).hexdigest())
    assert entries[1].why == r"pæssed\n\x1b[31m"
    assert LedgerHead.from_text(head.to_text()) == head


def test_long_text_is_cut_and_a_huge_entry_is_a_mistake():
    (entry,), (line,), _ = chained(a_draft(why="x" * 10_000))

    assert (len(entry.why), entry.why[-1], from_line(line)) == (400, "…", entry)
    with pytest.raises(ValueError, match="more than 60000 characters"):
        to_line(replace(entry, counts={"pairs": "x" * 60_000}))


def test_text_that_is_no_line_or_head_is_an_error():
    (entry,), (line,), _ = chained(a_draft())
    other = [line.replace(*words) for words in (('"schema":1', '"schema":2'), ("promote", "move"), (":1,", ":1.0,"))]

    for text in ("", "[" * 16_000, "x" * 60_001, f" {line}", line.replace('"1"', "7"), *other):
        with pytest.raises(ValueError, match=r".+"):
            from_line(text)
    for text in ("", "1", f"01 {'0' * 64}", f"1 {'g' * 64}", f"1 {'0' * 64}\n"):
        with pytest.raises(ValueError, match="not the head"):
            LedgerHead.from_text(text)
    assert readable(("damaged", line)) == (entry,)


def test_superseded_rollout_and_an_abort_before_the_promotion_change_no_champion():
    changing = a_draft(), a_rollout_end(), a_rollout_end("1", "2", event="aborted")
    keeping = a_rollout_end("3", "1", event="superseded"), a_rollout_end("1", "1", event="aborted")

    assert [draft.changes_champion for draft in (*changing, *keeping)] == [True] * 3 + [False] * 2
