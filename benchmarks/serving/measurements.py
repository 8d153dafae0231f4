"""One run: all contests and yardsticks, and what they say about each thing that is asked for."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.learning.findings import Bar, Finding
from benchmarks.serving import large, life, questions
from benchmarks.serving.client import ask_once
from benchmarks.serving.contenders import (
    Contender,
    Endeavour,
    bare_flask,
    endeavour,
    mlflow_serving,
    mlserver,
    of_endeavour,
)
from benchmarks.serving.contest import MANY, ONE, Rates, contest
from benchmarks.serving.mlserver_environment import NotInstalled
from benchmarks.serving.processes import own_megabytes
from benchmarks.serving.scale import Scale

FEATURES = 10
MIB = 1024 * 1024
# By the name of who is compared with: one record, many rows.
BARS = {
    "mlflow models serve": (Bar(least=20), Bar(least=50)),
    "MLServer": (Bar(least=5), Bar(least=5)),
    "bare Flask view": (Bar(least=0.6), None),
}
# What the other servers' own protocols are compared with.
PROTOCOLS = {"mlflow models serve": "MLflow's", "MLServer": "V2"}


@dataclass(frozen=True, slots=True)
class Measurements:
    """What a run found.

    Parameters
    ----------
    findings : list of Finding
    one, many : dict of str to Turns
        Of all contenders, under one record a request, and under many rows.
    memory : dict of str to float
        Megabytes that all processes of a contender have in memory.
    facts : dict of str to str
        What was on, and what was not measured, and why.
    """

    findings: list[Finding]
    one: Rates
    many: Rates
    memory: dict[str, float]
    facts: dict[str, str]

    @property
    def missed(self) -> list[Finding]:
        """What was asked for and not found."""
        return [finding for finding in self.findings if finding.missed]


def measure(scale: Scale, folder: Path, tell: Callable[[str], None], *, with_mlserver: bool) -> Measurements:
    """Run everything in `folder`; `tell` is told what is under way."""
    narrow, wide = questions.a_model(1), questions.a_model(FEATURES)
    rows = questions.rows_for(wide, scale.rows)
    facts: dict[str, str] = {}
    with ExitStack() as running:
        tell("starting the servers")
        ours = running.enter_context(endeavour(folder / "endeavour", wide, max_body=64 * MIB))
        bare = running.enter_context(bare_flask(folder / "bare"))
        contenders = [*of_endeavour(ours, wide, rows), bare]
        contenders.append(running.enter_context(mlflow_serving(folder / "mlflow", wide, rows)))
        if with_mlserver:
            try:
                contenders.append(running.enter_context(mlserver(folder / "mlserver", wide, rows)))
            except NotInstalled as error:
                facts["MLServer"] = f"not measured: it could not be installed ({error})"
        else:
            facts["MLServer"] = "not measured: it was not asked for"
        _check(contenders, wide.predict(rows))
        facts.update(_switched_on(ours))
        tell("one record")
        one = contest(contenders, ONE, scale, folder)
        tell(f"{scale.rows:,} rows")
        many = contest(contenders, MANY, scale, folder)
        memory = {each.name: own_megabytes(each.server.pids) for each in contenders}
        findings = [*_beside_others(one, many, scale)]
        findings += life.memory_findings(ours, "after all of these requests", Bar(most=80))
        for each in contenders:
            if each.server not in (ours.server, bare.server):
                each.server.pause()
        tell("large batches")
        of_one = running.enter_context(endeavour(folder / "one", narrow))
        findings += large.json_findings(of_one, ours, (narrow, wide), scale, folder)
        findings += large.arrow_findings(ours, bare, wide, scale, folder)
        findings += life.memory_findings(ours, "after the large batches too", None)
        findings += life.import_findings(ours)
    tell("starting workers")
    findings += life.start_findings(narrow, scale, folder)
    return Measurements(findings, one, many, memory, facts)


def _beside_others(one: Rates, many: Rates, scale: Scale) -> Iterator[Finding]:
    works = ((one, "one record", 0), (many, f"{scale.rows:,} rows", 1))
    for other, bars in BARS.items():
        for rates, work, place in works:
            names = ["Endeavour", f"Endeavour, {PROTOCOLS.get(other)} protocol"]
            for name, bar in zip(names, (bars[place], None), strict=True):
                if other in rates and name in rates:
                    ratio = rates[name].rate / rates[other].rate
                    route = "/batch" if place else "/stream"
                    path = route if name == "Endeavour" else f"by {PROTOCOLS[other]} protocol"
                    yield Finding(
                        f"{work}, {path}", f"requests a second, over {other}", ratio, bar, rounds=str(scale.runs)
                    )


def _check(contenders: list[Contender], expected: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> None:
    """Refuse to measure a server that answers with other numbers."""
    for each in contenders:
        if each.one and each.many:
            for request, values in ((each.one, expected[:1]), (each.many, expected)):
                answered = questions.results(ask_once(each.server.port, request))
                # The others may sum a row in another order.
                np.testing.assert_allclose(answered, values, rtol=1e-12, err_msg=each.name)


def _switched_on(ours: Endeavour) -> dict[str, str]:
    keys = "with an API key" if ours.key else "without a key, which this version does not know"
    return {"Endeavour": f"validation, access log, request id; {keys}"}
