"""One run: all contests and yardsticks, and what they say about each thing that is asked for."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.learning.findings import Finding
from benchmarks.serving import large, life, questions
from benchmarks.serving.beside_others import Beside, beside_others
from benchmarks.serving.contenders import endeavour
from benchmarks.serving.scale import Scale

FEATURES = 10
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Measurements:
    """What a run found.

    Parameters
    ----------
    findings : list of Finding
    contests : list of Beside
        Beside other servers, with one feature and with several.
    """

    findings: list[Finding]
    contests: list[Beside]

    @property
    def missed(self) -> list[Finding]:
        """What was asked for and not found."""
        return [finding for finding in self.findings if finding.missed]


def measure(scale: Scale, folder: Path, tell: Callable[[str], None], *, with_mlserver: bool) -> Measurements:
    """Run everything in `folder`; `tell` is told what is under way."""
    narrow, wide = questions.a_model(1), questions.a_model(FEATURES)
    contests = [
        beside_others(model, scale, folder / name, tell, with_mlserver=with_mlserver, judged=model is narrow)
        for name, model in (("narrow", narrow), ("wide", wide))
    ]
    findings = [finding for found in contests for finding in found.findings]
    tell("large batches")
    with ExitStack() as running:
        of_one = running.enter_context(endeavour(folder / "one", narrow))
        of_all = running.enter_context(endeavour(folder / "all", wide, max_body=64 * MIB))
        findings += large.json_findings(of_one, of_all, (narrow, wide), scale, folder)
        findings += life.memory_findings(of_all, "after large batches", None)
        findings += life.import_findings(of_all)
    tell("the start of workers")
    findings += life.start_findings(narrow, scale, folder)
    return Measurements(findings, contests)
