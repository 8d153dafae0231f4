"""Everybody who serves one model, started, checked and loaded in turns, and what that says."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.learning.findings import Bar, Finding
from benchmarks.learning.optimum import FloatArray
from benchmarks.serving import life, questions
from benchmarks.serving.client import ask_once
from benchmarks.serving.contenders import (
    Contender,
    Endeavour,
    at_once,
    bare_flask,
    endeavour,
    mlflow_serving,
    mlserver,
    of_endeavour,
)
from benchmarks.serving.contest import MANY, ONE, Rates, contest
from benchmarks.serving.processes import own_megabytes
from benchmarks.serving.scale import Scale
from benchmarks.serving.virtual_environments import SERVING, NotInstalled
from domain.linear_model import LinearModel

OURS = "Endeavour"
# By the name of who is compared with: one record, many rows.
BARS = {
    "mlflow models serve": (Bar(least=20), Bar(least=50)),
    "MLServer": (Bar(least=5), Bar(least=5)),
    "bare Flask view": (Bar(least=0.6), None),
}
MEMORY = Bar(most=80)
# What the other servers' own protocols are compared with.
PROTOCOLS = {"mlflow models serve": "MLflow's", "MLServer": "V2"}


@dataclass(slots=True)
class Beside:
    """What was found with a model of so many features.

    Parameters
    ----------
    features : int
    one, many : dict of str to Turns
        Of all contenders, under one record a request, and under many rows.
    memory : dict of str to float
        Megabytes that all processes of a contender have in memory.
    findings : list of Finding
    facts : dict of str to str
        What was on, and what was not measured, and why.
    """

    features: int
    one: Rates = field(default_factory=dict)
    many: Rates = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The size of the model, as a reader says it."""
        return "one feature" if self.features == 1 else f"{self.features} features"


def beside_others(
    model: LinearModel,
    scale: Scale,
    folder: Path,
    tell: Callable[[str], None],
    *,
    with_mlserver: bool,
    judged: bool,
) -> Beside:
    """Measure all servers with `model`; bars are for those that are `judged`."""
    rows, found = questions.rows_for(model, scale.rows), Beside(len(model.feature_names))
    folder.mkdir()
    with ExitStack() as running:
        tell(f"the start of all servers, {found.name}")
        ours = running.enter_context(endeavour(folder / "endeavour", model, SERVING.python))
        contenders = [
            *of_endeavour(ours, model, rows),
            running.enter_context(bare_flask(folder / "bare", SERVING.python)),
            running.enter_context(at_once(folder / "at-once")),
            running.enter_context(mlflow_serving(folder / "mlflow", model, rows)),
        ]
        found.facts["MLServer"] = "not measured: it was not asked for"
        if with_mlserver:
            try:
                contenders.append(running.enter_context(mlserver(folder / "mlserver", model, rows)))
                del found.facts["MLServer"]
            except NotInstalled as error:
                found.facts["MLServer"] = f"not measured: it could not be installed ({error})"
        _check(contenders, model.predict(rows))
        found.facts.update(_switched_on(ours))
        tell(f"one record, {found.name}")
        found.one = contest(contenders, ONE, scale, folder)
        tell(f"{scale.rows:,} rows, {found.name}")
        found.many = contest(contenders, MANY, scale, folder)
        found.memory = {each.name: own_megabytes(each.server.pids) for each in contenders}
        found.findings += _ratios(found, scale, judged=judged)
        found.findings += life.memory_findings(ours, f"after all this, {found.name}", MEMORY if judged else None)
        found.findings += life.import_findings(ours)
    return found


def _ratios(found: Beside, scale: Scale, *, judged: bool) -> Iterator[Finding]:
    for other, bars in BARS.items():
        for rates, rows, route, bar in (
            (found.one, "one record", "/stream", bars[0]),
            (found.many, f"{scale.rows:,} rows", "/batch", bars[1]),
        ):
            protocol = PROTOCOLS.get(other)
            for name, path in ((OURS, route), (f"{OURS}, {protocol} protocol", f"by {protocol} protocol")):
                if other in rates and name in rates:
                    yield Finding(
                        f"{rows}, {found.name}, {path}",
                        f"requests a second, over {other}",
                        rates[name].rate / rates[other].rate,
                        bar if judged and name == OURS else None,
                        rounds=str(scale.runs),
                    )


def _check(contenders: list[Contender], expected: FloatArray) -> None:
    """Refuse to measure a server that answers with other numbers."""
    for each in contenders:
        if each.one and each.many:
            for request, values in ((each.one, expected[:1]), (each.many, expected)):
                answered = questions.results(ask_once(each.server.port, request))
                # The others may sum a row in another order.
                np.testing.assert_allclose(answered, values, rtol=1e-12, err_msg=each.name)


def _switched_on(ours: Endeavour) -> dict[str, str]:
    key = "an API key" if ours.key else "no key, which this version does not know"
    return {OURS: f"validation, access log, request id, {_metrics(ours)}, {key}"}


def _metrics(ours: Endeavour) -> str:
    try:
        with socket.create_connection(("127.0.0.1", ours.metrics_port), timeout=1):
            return "metrics"
    except OSError:
        return "no metrics, which this version does not have"
