"""Contract of a ledger store: held by files, memory and MLflow."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from domain.delivery.ledger import LedgerHead, from_line
from domain.delivery.ledger_audit import chain_problems
from domain.errors import StoreUnavailable
from tests.support.ledgers import a_draft, a_rollout_end


class LedgerStoreContract:
    """Subclasses give four fixtures.

    `ledger`; `second`, another instance over the same place; `unreachable_ledger`, one whose place cannot be reached;
    and `tamper(number, line)`, a function that replaces a line of the place, or removes it if `line` is empty.
    """

    def test_new_ledger_is_empty(self, ledger):
        assert (ledger.entries(), ledger.lines(), ledger.head()) == ((), (), LedgerHead())

    def test_entries_are_read_as_they_were_appended(self, ledger, second):
        first = ledger.append(a_draft())
        last = second.append(a_rollout_end(minutes=5, why="geprüft"))

        assert (first.number, last.number, last.previous) == (1, 2, LedgerHead.of(first).hash)
        assert ledger.entries() == second.entries() == (first, last)
        assert tuple(map(from_line, second.lines())) == (first, last)
        assert ledger.head() == second.head() == LedgerHead.of(last)

    def test_concurrent_entries_are_one_chain(self, ledger, second):
        with ThreadPoolExecutor(4) as pool:
            appended = list(
                pool.map(lambda store, minutes: store.append(a_draft(minutes=minutes)), [ledger, second] * 3, range(6))
            )

        assert sorted(entry.number for entry in appended) == list(range(1, 7))
        assert chain_problems(second.lines(), second.head()) == ()
        assert len(second.entries()) == 6

    def test_changed_or_removed_line_is_found_and_hides_no_other_and_stops_no_writer(self, ledger, second, tamper):
        for number in range(3):
            ledger.append(a_draft(minutes=number))
        line = second.lines()[1]

        for changed in (line.replace("kim", "eve"), line[:-9], ""):
            tamper(2, changed)
            assert chain_problems(second.lines(), second.head())
            assert [entry.number for entry in second.entries() if entry.actor == "kim@host"] == [1, 3]
        assert second.append(a_draft(minutes=7)).number == 4
        assert chain_problems(second.lines(), second.head()) == ("entry 2 is missing before entry 3",)

    def test_unreachable_ledger_is_unavailable_to_every_method(self, unreachable_ledger):
        append = unreachable_ledger.append
        for call in (
            unreachable_ledger.entries,
            unreachable_ledger.lines,
            unreachable_ledger.head,
            lambda: append(a_draft()),
        ):
            with pytest.raises(StoreUnavailable):
                call()
