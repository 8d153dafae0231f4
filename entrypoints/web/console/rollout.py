"""Rollout page: the stage, the evidence, and what an operator can do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from application.monitoring.report_status import ReportStatus
from application.serving.give_order import GiveOrder
from domain.delivery.awaited import awaited
from domain.delivery.errors import NoModelLoaded
from domain.delivery.excluded_harm import excluded_harms
from domain.delivery.order import AnsweredOrder
from domain.delivery.order_options import possible_orders, seen_now
from domain.delivery.rollout import Phase, Rollout
from domain.delivery.rollout_transitions import duration
from domain.delivery.served_model import ServedModels
from domain.delivery.shown_tests import ShownTest, next_weight, shown_tests
from domain.delivery.time_left import time_left
from domain.monitoring.change import Change
from domain.monitoring.condition import Condition, Kind
from domain.monitoring.errors import FiguresUnavailable
from domain.monitoring.rollout_rules import controller_silent, held, under_way
from entrypoints.web.console.charts.bullets import bullet
from entrypoints.web.console.charts.gauges import gauge
from entrypoints.web.console.numerals import whole
from entrypoints.web.console.order_form import OrderForm, order_form
from entrypoints.web.console.page import Page, Query
from entrypoints.web.console.rollout_past import ENDS, Passage, passages
from entrypoints.web.console.rollout_sheets import rollout_sheet


@dataclass(frozen=True, slots=True)
class Step:
    """A stage: its name, and whether it is done, now or later."""

    name: str
    state: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Gate:
    """What the stage waits for, in words and as a bar."""

    name: str
    words: str
    chart: Markup


@dataclass(frozen=True, slots=True)
class TestRow:
    """A test, with what it has excluded and the evidence of harm as bars; `bound` is the first bar in words.

    A test that may only fail has no first bar.
    """

    test: ShownTest
    bound: str
    passing: Markup | None
    failing: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutView:
    """View of the page.

    Parameters
    ----------
    title : str
    condition : Condition
    form : OrderForm or None
        None without a model.
    rollout : Rollout or None
        None if there is none.
    steps : tuple of Step
    gates : tuple of Gate
    tests : tuple of TestRow
    about : str
        Share of the requests that the tests are about.
    orders : tuple of AnsweredOrder
        Newest first.
    last : Change or None
        End of the last rollout.
    past : tuple of Passage
        Transitions of the rollout, or of the last one, newest first.
    left : str
        How long it takes to the end; empty if that is not known.
    """

    title: str
    condition: Condition
    form: OrderForm | None = None
    rollout: Rollout | None = None
    steps: tuple[Step, ...] = ()
    gates: tuple[Gate, ...] = ()
    tests: tuple[TestRow, ...] = ()
    about: str = ""
    orders: tuple[AnsweredOrder, ...] = ()
    last: Change | None = None
    past: tuple[Passage, ...] = ()
    left: str = ""


def rollout_page(
    report_status: ReportStatus,
    list_changes: Callable[[], tuple[Change, ...]],
    give_order: GiveOrder,
) -> Page:
    """Return the page."""

    def view(query: Query) -> RolloutView:
        try:
            models = give_order.current_model.models
        except NoModelLoaded as error:
            bad = Condition(Kind.BAD, "Cannot predict: no model is loaded.", str(error))
            return RolloutView(title="Cannot predict", condition=bad)
        if models.exposure is None:
            return _without(models, query, give_order, list_changes())
        return _under_way(models, models.exposure.rollout, query, give_order, _judged(report_status), list_changes())

    return Page("rollout", "Rollout", "rollout.html", view, json="../rollout")


def _judged(report_status: ReportStatus) -> tuple[Condition | None, datetime | None]:
    try:
        facts = report_status().facts
    except FiguresUnavailable:
        return None, None
    return held(facts) or controller_silent(facts) or under_way(facts), facts.at


def _without(models: ServedModels, query: Query, give_order: GiveOrder, changes: tuple[Change, ...]) -> RolloutView:
    name = models.champion.version.name
    condition = Condition(
        Kind.WELL,
        f"No rollout. Version {name} answers every request.",
        "`endeavour rollout start VERSION` tries another version on a rising share of the requests.",
    )
    form = order_form("rollout", query, give_order, seen=seen_now(models), actions=(), sheet=None)
    last = next((change for change in changes if change.what in ENDS), None)
    return RolloutView(title="No rollout", condition=condition, form=form, last=last, past=passages(changes))


def _under_way(
    models: ServedModels,
    rollout: Rollout,
    query: Query,
    give_order: GiveOrder,
    judged: tuple[Condition | None, datetime | None],
    changes: tuple[Change, ...],
) -> RolloutView:
    condition, at = judged
    tests = shown_tests(rollout)
    form = order_form(
        "rollout",
        query,
        give_order,
        seen=rollout.seen,
        actions=possible_orders(rollout),
        sheet=rollout_sheet(query.get("act", ""), models, rollout, tests),
    )
    return RolloutView(
        title=f"{rollout.challenger} at {rollout.weight / 100:g} %{', held' if rollout.held else ''}",
        condition=condition or Condition(Kind.BUSY, "A rollout is under way.", awaited(rollout)),
        form=form,
        rollout=rollout,
        steps=_steps(rollout),
        gates=_gates(rollout, tests, at),
        tests=_rows(rollout, tests),
        about=next_weight(rollout),
        orders=rollout.orders[::-1],
        past=passages(changes),
        left=time_left(rollout, at) if at else "",
    )


def _steps(rollout: Rollout) -> tuple[Step, ...]:
    """Return the preflight, the shadow, the steps and the watch."""
    names = ("preflight", "shadow", *(f"{weight:g} %" for weight in rollout.plan.steps), "watch")
    here = 0 if rollout.phase is Phase.PREFLIGHT else rollout.stage + 1
    states = ["done"] * here + ["now"] + ["later"] * len(names)
    return tuple(map(Step, names, states))


def _gates(rollout: Rollout, tests: tuple[ShownTest, ...], at: datetime | None) -> tuple[Gate, ...]:
    if not rollout.is_compared:
        return ()
    counts = rollout.counts - rollout.stage_base
    answers = counts.answers_candidate + counts.entity_answers
    observed, noun = (answers, "Answers") if rollout.phase is Phase.CANARY else (counts.pairs, "Compared requests")
    least = rollout.plan.least_seconds(rollout.stage)
    spent = max((at - rollout.entered_at).total_seconds(), 0.0) if at else 0.0
    required = [test for test in tests if test.kind in ("pass", "wait")]
    passed = sum(test.kind == "pass" for test in required)
    return (
        Gate("Time in this stage", f"{duration(spent)} of at least {duration(least)}", gauge(spent / max(least, 1.0))),
        Gate(
            noun,
            f"{whole(observed)} of at least {whole(rollout.plan.min_answers)}",
            gauge(observed / rollout.plan.min_answers, "b"),
        ),
        Gate(
            "Required tests passed",
            f"{passed} of {len(required)}" if tests else "not evaluated yet",
            gauge(passed / max(len(required), 1), "good"),
        ),
    )


def _rows(rollout: Rollout, tests: tuple[ShownTest, ...]) -> tuple[TestRow, ...]:
    excluded = excluded_harms(rollout)
    limits = {test.name: test.limit for test in rollout.plan.tests(rollout.stage)}
    return tuple(_row(test, excluded, limits.get(test.name)) for test in tests)


def _row(test: ShownTest, excluded: Mapping[str, float | None], limit: float | None) -> TestRow:
    failing = gauge(test.failing, "bad")
    if limit is None or test.name not in excluded or test.kind == "only fails":
        return TestRow(test, "", None, failing)
    harm = excluded[test.name]
    bound = "nothing is ruled out yet" if harm is None else f"harm of more than {100 * harm:.2g} % is ruled out"
    return TestRow(test, bound, bullet(harm, limit, bound), failing)
