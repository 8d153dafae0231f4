"""Benchmark report: findings beside their bars, Markdown tables, and the marked parts of docs/benchmarks.md."""

import os
import platform
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
# The page is left out, because the benchmarks themselves change it.
CHANGED = ("git", "diff", "--quiet", "HEAD", "--", ".", f":!{PAGE.relative_to(ROOT)}")
TIMES, SHARE, SECONDS, MEGABYTES = "{:.3g} ×", "{:.0e}", "{:.3g} s", "{:.3g} MB"


@dataclass(frozen=True, slots=True)
class Finding:
    """One measured number, the smallest and largest value that meet its bar, and how often each side was measured."""

    work: str
    measure: str
    value: float
    least: float | None = None
    most: float | None = None
    unit: str = TIMES
    rounds: int | str = ""

    @property
    def missed(self) -> bool:
        """Whether the value is outside the bar; NaN is outside every bar."""
        above_least = self.least is None or self.value >= self.least
        below_most = self.most is None or self.value <= self.most
        return not (above_least and below_most)

    @property
    def bar(self) -> str:
        least, most = (bound and self.unit.format(bound) for bound in (self.least, self.most))
        if least and most:
            return f"{least} to {most}"
        return f"≥ {least}" if least else f"≤ {most}" if most else ""


def bars_table(findings: Sequence[Finding]) -> str:
    """Return a table of the findings that have a bar, with those that miss it first."""
    return findings_table(sorted((each for each in findings if each.bar), key=lambda each: not each.missed))


def comparisons_table(findings: Sequence[Finding]) -> str:
    """Return a table of the findings that have no bar."""
    rows = [
        (each.work, each.measure, each.unit.format(each.value), str(each.rounds)) for each in findings if not each.bar
    ]
    return table(("work", "measure", "measured", "rounds"), rows)


def findings_table(findings: Sequence[Finding]) -> str:
    rows = []
    for each in findings:
        verdict = "missed" if each.missed else "met" if each.bar else ""
        rows.append((each.work, each.measure, each.bar, each.unit.format(each.value), verdict, str(each.rounds)))
    return table(("work", "measure", "bar", "measured", "", "rounds"), rows)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table with aligned columns."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = [header, ["-" * width for width in widths], *rows]
    padded = [" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    return "\n".join(f"| {line} |" for line in padded)


def environment(libraries: Sequence[str], **more: str) -> str:
    """Return a table of the measured commit, the machine and the versions of libraries."""
    commit = subprocess.check_output(["git", "rev-parse", "--short=7", "HEAD"], cwd=ROOT, text=True).strip()
    is_changed = bool(subprocess.run(CHANGED, cwd=ROOT, check=False).returncode)
    processors = re.findall(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    lines = {
        "commit": f"{commit}{'-dirty' * is_changed}",
        "date": datetime.now(UTC).date().isoformat(),
        "processor": processors[0],
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        **{name: version(name) for name in libraries},
        **more,
        "load average": f"{os.getloadavg()[0]:.2f}",
        "cores busy with other work": f"{_busy_cores():.2f}",
    }
    return table(("item", "value"), list(lines.items()))


def _busy_cores() -> float:
    """Return how many cores other programs and the host keep busy for the second in which this one sleeps."""
    began, before = time.perf_counter(), _busy_seconds()
    time.sleep(1)
    return (_busy_seconds() - before) / (time.perf_counter() - began)


def _busy_seconds() -> float:
    user, nice, system, _, _, *more = map(int, Path("/proc/stat").read_text().splitlines()[0].split()[1:9])
    return sum((user, nice, system, *more)) / os.sysconf("SC_CLK_TCK")


def with_parts(page: str, parts: Mapping[str, str]) -> str:
    """Return `page` with each part between its marks; raise `ValueError` if a mark is missing."""
    for name, text in parts.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
        before, opened, rest = page.partition(begin)
        _, closed, after = rest.partition(end)
        if not (opened and closed):
            raise ValueError(f"docs/benchmarks.md has no place for {name}")
        page = f"{before}{begin}\n{text}\n\n{end}{after}"
    return page


def publish(findings: Sequence[Finding], parts: Mapping[str, str], *, quick: bool) -> int:
    """Print the parts; unless `quick`, write them into docs/benchmarks.md and return 1 if a bar is missed."""
    print(*parts.values(), sep="\n\n")
    if quick:
        return 0
    PAGE.write_text(with_parts(PAGE.read_text(encoding="utf-8"), parts), encoding="utf-8")
    return int(any(finding.missed for finding in findings))
