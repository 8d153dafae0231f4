"""Plan options: the options of a command that make a rollout plan, and the file that may hold a whole one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import click
import orjson

from adapters.host.bounded_read import read_bounded
from domain.delivery.plan import RolloutPlan
from domain.delivery.plan_ranges import Truth

MAX_FILE_BYTES = 64 * 1024


class _Numbers(click.ParamType[tuple[float, ...]]):
    name = "a,b,c"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, ...]:
        try:
            return tuple(float(word) for word in value.split(","))
        except ValueError:
            self.fail(f"{value!r} is no list of numbers such as 10,50", param, ctx)


_OPTIONS = (
    click.option("--steps", type=_Numbers(), help="Weights in percent of requests.  [default: 1,5,10,25,50]"),
    click.option("--shadow-seconds", type=float, help="Before the first step, at least.  [default: 600]"),
    click.option(
        "--step-seconds",
        type=_Numbers(),
        help="In each step, at least: one number for all, or one for each.  [default: 600, and 900 from 25 % on]",
    ),
    click.option("--watch-seconds", type=float, help="After the promotion.  [default: 1800]"),
    click.option("--min-answers", type=int, help="Answers of the challenger in each step, at least.  [default: 100]"),
    click.option(
        "--max-differences",
        type=float,
        help="Share of requests whose predictions may differ by more than half the RMSE.  [default: 0.05]",
    ),
    click.option(
        "--truth",
        type=click.Choice(get_args(Truth)),
        help="Labels are ignored, may abort the rollout, or must also favor the challenger.  [default: used]",
    ),
)
_FILE = click.option("--plan", "plan_file", type=click.Path(path_type=Path), help="A JSON file with options of a plan.")


def plan_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a plan, and `--plan`."""
    for option in reversed((*_OPTIONS, _FILE)):
        command = option(command)
    return command


def plan_from(plan_file: Path | None, **options: Any) -> RolloutPlan:
    """Return the plan of the file with the options that are given, which take precedence.

    Raises
    ------
    click.BadParameter
        If the file cannot be read, or is not a JSON object.
    InvalidParameter
        If an option is out of its range.
    """
    given = {name: value for name, value in options.items() if value is not None}
    return RolloutPlan.from_values({**(_read(plan_file) if plan_file else {}), **given})


def _read(file: Path) -> dict[str, Any]:
    try:
        values = orjson.loads(read_bounded(file, MAX_FILE_BYTES, follow_links=True))
    except OSError as error:
        raise click.BadParameter(f"{file} cannot be read: {error.strerror}", param_hint="--plan") from error
    except ValueError as error:
        raise click.BadParameter(f"{file} is no JSON file of at most 64 KiB", param_hint="--plan") from error
    if not isinstance(values, dict):
        raise click.BadParameter(f"{file} is no JSON object of options", param_hint="--plan")
    return values
