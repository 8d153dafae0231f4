"""Contest: contenders take turns at one table; the result is each one's median time and true excess."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from timeit import Timer
from typing import Any

from benchmarks import report
from benchmarks.learning.contenders import CERTIFIED, PRODUCT, contenders
from benchmarks.learning.tables import blocks_of, true_excess
from benchmarks.report import SHARE, Finding
from domain.dataset import Dataset

Works = Mapping[str, Callable[[], Any]]
# Excesses below this are rounding, of the contender and of the optimum.
ROUNDING = 1e-20


def take_turns(works: Works, rounds: Mapping[str, int]) -> dict[str, tuple[float, Any]]:
    """Run the contenders one after the other, round by round; return median seconds of a call and the first result.

    A round before the first does not count, because of imports, page faults and file caches.
    A turn repeats a short call until the turn has taken 0.2 s.
    """
    results = {name: work() for name, work in works.items()}
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for number in range(max(rounds.values())):
        for name, work in works.items():
            if number < rounds[name]:
                calls, took = Timer(work).autorange()
                seconds[name].append(took / calls)
    return {name: (median(seconds[name]), results[name]) for name in works}


@dataclass(frozen=True, slots=True)
class Contest:
    """Seconds, true excess (None without an answer) and rounds on one table, by contender."""

    size: str
    seconds: dict[str, float]
    excess: dict[str, float | None]
    rounds: dict[str, int]

    def ratio(self, slower: str, *quicker: str) -> float:
        """Return the time of `slower` over the summed times of `quicker`."""
        return self.seconds[slower] / sum(self.seconds[name] for name in quicker)

    def both(self, *names: str) -> str:
        """Return how often each was measured."""
        return " and ".join(dict.fromkeys(str(self.rounds[name]) for name in names))

    def faster(self, other: str, least: float | None = None, measure: str = "") -> Finding:
        """Return the time of `other` over that of the certified fit."""
        ratio, rounds = self.ratio(other, CERTIFIED), self.both(CERTIFIED, other)
        return Finding(self.work(CERTIFIED), f"faster than {measure or other}", ratio, least, rounds=rounds)

    def slower(self, name: str, other: str, most: float | None = None) -> Finding:
        """Return the time of `name` over that of `other`."""
        measure, ratio = f"the time of one {other.removeprefix('SGD, one ')}", self.ratio(name, other)
        return Finding(self.work(name), measure, ratio, most=most, rounds=self.both(name, other))

    def true_excess(self, name: str, most: float) -> Finding:
        """Return the true excess of a contender's answer."""
        return Finding(self.work(name), "true excess", self.excess[name] or 0.0, most=most, unit=SHARE)

    def work(self, name: str) -> str:
        """Return the table's size and what a contender did."""
        return f"{self.size}, {name.removeprefix('SGD, ')}"


def contest(table: Dataset, rounds: int, few: Mapping[str, int], more: Works | None = None) -> Contest:
    """Let all contenders, and `more` for this table alone, take turns; those in `few` have other rounds, 0 for none."""
    works = {name: work for name, work in {**contenders(table), **(more or {})}.items() if few.get(name, rounds)}
    counts = {name: few.get(name, rounds) for name in works}
    found, excess = take_turns(works, counts), true_excess(blocks_of(table))
    excesses = {name: excess(answer) if answer else None for name, (_, answer) in found.items()}
    seconds = {name: seconds for name, (seconds, _) in found.items()}
    return Contest("{:,} × {}".format(*table.features.shape), seconds, excesses, counts)


def contests_table(contests: Sequence[Contest]) -> str:
    """Return the times of all contenders over those of the certified fit and of one product, the quickest first."""
    header = ("table", "contender", f"time ÷ {CERTIFIED}", f"time ÷ {PRODUCT}", "true excess", "rounds")
    return report.table(header, [row for each in contests for row in _rows(each)])


def _rows(contest: Contest) -> Iterator[tuple[str, ...]]:
    for name in sorted(contest.seconds, key=contest.seconds.__getitem__):
        excess = contest.excess[name]
        shown = "" if excess is None else f"{excess:.1e}" if excess > ROUNDING else f"< {ROUNDING:.0e}"
        ratios = (f"{contest.ratio(name, other):.3g}" for other in (CERTIFIED, PRODUCT))
        yield contest.size, name, *ratios, shown, str(contest.rounds[name])
