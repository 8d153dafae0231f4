"""Tables as people read them, in a terminal and on a page."""

from collections.abc import Iterator, Sequence

from benchmarks.learning.contest import CERTIFIED, PRODUCT, Contest
from benchmarks.learning.findings import Finding

# Excesses below this are nothing but the rounding of whoever is judged, and of the judge.
ROUNDING = 1e-20


def findings_table(findings: Sequence[Finding], *, judged: bool) -> str:
    """Return what was found beside what was asked for; small sizes are not `judged`."""
    rows = [
        (
            finding.work,
            finding.measure,
            finding.bar.write(finding.unit) if finding.bar else "",
            finding.unit.write(finding.value),
            _verdict(finding, judged=judged),
            finding.rounds,
        )
        for finding in findings
    ]
    return table(("work", "measure", "bar", "measured", "", "rounds"), rows)


def contests_table(contests: Sequence[Contest]) -> str:
    """Return the times of all contenders over that of the certified fit, and over that of a product."""
    header = ("table", "contender", f"time ÷ {CERTIFIED}", f"time ÷ {PRODUCT}", "true excess", "rounds")
    return table(header, [row for contest in contests for row in _rows(contest)])


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table whose columns are aligned."""
    lines = [header, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    padded = [[cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines]
    padded.insert(1, ["-" * width for width in widths])
    return "\n".join(f"| {' | '.join(line)} |" for line in padded)


def _rows(contest: Contest) -> Iterator[tuple[str, ...]]:
    for name, result in sorted(contest.results.items(), key=lambda pair: pair[1].seconds):
        ratios = [f"{contest.ratio(name, other):.3g}" for other in (CERTIFIED, PRODUCT)]
        yield contest.size, name, *ratios, _excess(result.excess), str(result.rounds)


def _excess(excess: float | None) -> str:
    if excess is None:
        return ""
    return f"{excess:.1e}" if excess > ROUNDING else f"< {ROUNDING:.0e}"


def _verdict(finding: Finding, *, judged: bool) -> str:
    if finding.bar is None:
        return ""
    if not judged:
        return "not judged"
    return "missed" if finding.missed else "met"
