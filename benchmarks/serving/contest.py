"""All servers under the same load, in turns: how many requests they answer, and what each of those costs them."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.serving import processes
from benchmarks.serving.contenders import Contender
from benchmarks.serving.scale import Scale
from benchmarks.serving.server import ROOT

ONE, MANY = "one record", "rows"


@dataclass(slots=True)
class Turns:
    """What a contender did in each of its turns, with one kind of request."""

    rates: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second: the median of the turns."""
        return median(self.rates)

    @property
    def cost(self) -> float:
        """Seconds of a core that the server spent on an answer: the median of the turns."""
        return median(self.costs)


Rates = dict[str, Turns]


def contest(contenders: Sequence[Contender], kind: str, scale: Scale, folder: Path) -> Rates:
    """Let all contenders that can be asked for this take turns; the others have nothing to do meanwhile.

    They are not stopped: a server that watches over its workers takes one that was stopped for dead.
    """
    asked = _requests(contenders, kind)
    rates: Rates = {each.name: Turns() for each, _ in asked}
    for _ in range(scale.runs):
        for each, request in asked:
            _take_turn(each, request, rates[each.name], scale, folder / "request")
    return rates


def _requests(contenders: Sequence[Contender], kind: str) -> list[tuple[Contender, bytes]]:
    requests = [(each, each.one if kind == ONE else each.many) for each in contenders]
    return [(each, request) for each, request in requests if request is not None]


def _take_turn(contender: Contender, request: bytes, turns: Turns, scale: Scale, file: Path) -> None:
    file.write_bytes(request)
    server = contender.server
    pids = server.pids
    before = processes.cpu_seconds(pids)
    told = _load(server.port, file, scale)
    spent = processes.cpu_seconds(pids) - before
    turns.rates.append(told["counted"] / told["seconds"])
    turns.costs.append(spent / told["altogether"])


def _load(port: int, file: Path, scale: Scale) -> dict[str, float]:
    asked = {
        "port": port,
        "request": str(file),
        "connections": scale.connections,
        "warm_up": scale.warm_up,
        "seconds": scale.seconds,
    }
    done = subprocess.run(  # our own module
        [sys.executable, "-m", "benchmarks.serving.client"],
        check=True,
        input=json.dumps(asked),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    told: dict[str, float] = json.loads(done.stdout)
    return told
