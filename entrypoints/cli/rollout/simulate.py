"""Command `endeavour rollout simulate`: shows how rollouts by a plan would end."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from entrypoints.cli.finite_range import FiniteRange
from entrypoints.cli.output import as_json, echo, show_json
from entrypoints.cli.rollout.plan_options import plan_from, plan_options

# Scenarios that are simulated unless others are named.
DEFAULT = ("equal", "failures", "nan", "bias-0.5")


@click.command()
@plan_options
@click.option("--rps", type=FiniteRange(1e-3, 1e5), default=10.0, show_default=True, help="Requests per second.")
@click.option("--runs", type=click.IntRange(1, 100_000), default=500, show_default=True, help="Rollouts per scenario.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the traffic.")
@click.option(
    "--scenario",
    "names",
    metavar="NAME",
    multiple=True,
    default=DEFAULT,
    show_default=True,
    help="What happens; give the option again for more. `all` is every one.",
)
@as_json
def simulate(
    plan_file: Path | None, rps: float, runs: int, seed: int, names: tuple[str, ...], as_json: bool, **options: Any
) -> None:
    """Simulate whole rollouts on drawn requests, and print how they end.

    Shares have intervals of 95 %. The tests are those of a real rollout, but requests are independent of each other.
    """
    from domain.delivery.scenarios import SCENARIOS
    from domain.delivery.simulation import simulate as simulated

    plan = plan_from(plan_file, **options)
    wanted = tuple(SCENARIOS) if "all" in names else names
    if unknown := [name for name in wanted if name not in SCENARIOS]:
        raise click.BadParameter(f"{unknown[0]!r} is not one of {', '.join(SCENARIOS)}", param_hint="--scenario")
    ends = {}
    for name in wanted:
        scenario = SCENARIOS[name]
        summary = simulated(plan, requests_per_second=rps, runs=runs, scenario=scenario, seed=seed)
        ends[name] = asdict(summary)
        if not as_json:
            echo(f"{scenario.description}, {runs:,} rollouts at {rps:g} requests a second\n{summary}\n")
    if as_json:
        show_json(ends)
