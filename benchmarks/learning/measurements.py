"""One run: all contests, and what they say about each thing that is asked for."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.learning import in_memory
from benchmarks.learning.contest import Contest
from benchmarks.learning.findings import Finding
from benchmarks.learning.scale import Scale
from benchmarks.learning.streamed import streamed_findings


@dataclass(frozen=True, slots=True)
class Measurements:
    """What a run found.

    Parameters
    ----------
    findings : list of Finding
    one_thread : list of Contest
        With one BLAS thread for everybody, in the order of their size.
    default_threads : Contest
        With the number of threads that BLAS takes by itself.
    """

    findings: list[Finding]
    one_thread: list[Contest]
    default_threads: Contest

    @property
    def missed(self) -> list[Finding]:
        """What was asked for and not found."""
        return [finding for finding in self.findings if finding.missed]


def measure(scale: Scale, tell: Callable[[str], None]) -> Measurements:
    """Run everything; `tell` is told what is under way."""
    tell("diabetes")
    small = in_memory.small_contest(scale)
    textbook = list(in_memory.textbook_findings(scale))
    tell("{:,} × {}".format(*scale.long))
    long, default_threads, regressors = in_memory.long_contests(scale)
    tell("{:,} × {}".format(*scale.wide))
    wide = in_memory.wide_contest(scale)
    tell("{:,} × {}".format(*scale.huge))
    huge = in_memory.huge_contest(scale)
    tell("Parquet")
    streamed = list(streamed_findings(scale))
    findings = [
        *in_memory.long_findings(long, regressors),
        *in_memory.wide_findings(wide),
        *in_memory.huge_findings(huge, long),
        *in_memory.small_findings(small),
        *textbook,
        *streamed,
        *in_memory.building_findings(small, long, wide, huge),
        *in_memory.default_thread_findings(default_threads),
    ]
    return Measurements(findings, [small, long, wide, huge], default_threads)
