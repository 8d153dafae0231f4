"""`python -m benchmarks.rollouts`: simulate rollouts by the default plan and by rules of others, and print tables."""

from collections.abc import Callable, Mapping

import click

from benchmarks import report
from benchmarks.rollouts.rules import CanaryRollouts, argo, flagger
from domain.delivery.plan import RolloutPlan
from domain.delivery.scenarios import SCENARIOS, Scenario
from domain.delivery.simulation import simulate
from domain.delivery.simulation_summary import SimulationSummary

PLAN, SEED = RolloutPlan(), 11
# Requests per second of a service that has one a minute.
RARE = 1 / 60
# The rules of others have no control, so that scenarios about both models alike would be about something else.
STEADY = [name for name in SCENARIOS if name not in {"clients", "incident"}]
Rule = Callable[[CanaryRollouts], SimulationSummary]
RULES: Mapping[str, Rule] = {
    "Flagger 1 min, threshold 10": lambda rollouts: flagger(rollouts, PLAN.steps, minutes=1, threshold=10),
    "Flagger 1 min, threshold 2": lambda rollouts: flagger(rollouts, PLAN.steps, minutes=1, threshold=2),
    "Flagger 10 min, threshold 2": lambda rollouts: flagger(rollouts, PLAN.steps, minutes=10, threshold=2),
    "Argo 5 min, limit 3": lambda rollouts: argo(rollouts, PLAN.steps, pause=10, interval=5, limit=3),
    "Argo 5 min, limit 0": lambda rollouts: argo(rollouts, PLAN.steps, pause=10, interval=5, limit=0),
}


@click.command()
@click.option("--runs", default=500, show_default=True, help="Rollouts of each scenario and rule.")
@click.option("--rate", default=10.0, show_default=True, help="Requests per second.")
def main(*, runs: int, rate: float) -> None:
    """Print the ends of rollouts by scenario and rule, as Markdown."""
    aborted = {name: _summaries(SCENARIOS[name], rate, runs) for name in STEADY}
    rare = _summaries(SCENARIOS["equal"], RARE, runs)
    rows = [(SCENARIOS[name].description, *map(_aborted, summaries)) for name, summaries in aborted.items()]
    equal = [
        ("equal models: minutes to the promotion", *(f"{each.minutes_to_promotion:.0f}" for each in aborted["equal"])),
        ("one request a minute: aborted", *(_share(each.aborted, each) for each in rare)),
        ("one request a minute: promoted", *(_share(each.promoted, each) for each in rare)),
    ]
    header = ("Endeavour", *RULES)
    print(report.table(("challenger: aborted, median of its answers", *header), rows))
    print()
    print(report.table(("time and rare requests", *header), equal))


def _summaries(scenario: Scenario, rate: float, runs: int) -> list[SimulationSummary]:
    ours = simulate(PLAN, requests_per_second=rate, runs=runs, scenario=scenario, seed=SEED)
    return [ours, *(rule(CanaryRollouts(scenario, rate, runs, SEED)) for rule in RULES.values())]


def _aborted(summary: SimulationSummary) -> str:
    share = _share(summary.aborted, summary)
    return f"{share}, {summary.answers:,.0f}" if summary.aborted else share


def _share(count: int, summary: SimulationSummary) -> str:
    return f"{100 * count / summary.runs:.3g} %"


if __name__ == "__main__":
    main()
