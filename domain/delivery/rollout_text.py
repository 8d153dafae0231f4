"""Rollout text: the state of a rollout and a request about it as JSON, as every store keeps them."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from domain.data.plain_values import (
    require_count,
    require_fields,
    require_list,
    require_mapping,
    require_moment,
    require_number,
    require_text,
)
from domain.delivery.analysis import Analysis, TestResult, Verdict
from domain.delivery.counts import RolloutCounts
from domain.delivery.order import MAX_KEPT, AnsweredOrder, Order
from domain.delivery.plan import RolloutPlan
from domain.delivery.rollout import Action, Phase, Rollout, RolloutRequest
from domain.delivery.transition import Transition, shortened
from domain.errors import InvalidParameter

SCHEMA = 1
# A state has some 4,000 characters, and one whose texts are emoji 50,000.
MAX_CHARACTERS = 60_000


def to_text(rollout: Rollout) -> str:
    """Return the state as one line of JSON."""
    fields: dict[str, Any] = {name: getattr(rollout, name) for name in Rollout.__slots__}
    times = {name: at and at.astimezone(UTC).isoformat() for name, at in fields.items() if name.endswith("_at")}
    values = {name: fields[name].to_values() for name in ("plan", "counts", "stage_base")}
    values |= {name: [each.to_values() for each in fields[name]] for name in ("orders", "transitions")}
    return json.dumps({"schema": SCHEMA, **fields, **times, **values}, separators=(",", ":"))


def from_text(text: str) -> Rollout:
    """Return the state; raise `ValueError` if the text differs from what `to_text` writes."""
    fields = dict(require_fields(_parsed(text), "schema", *Rollout.__slots__))
    if fields.pop("schema") != SCHEMA:
        raise ValueError("another version of Endeavour wrote the state")
    try:
        return Rollout(**{name: _READ[name](value) for name, value in fields.items()})
    except (InvalidParameter, TypeError) as error:
        raise ValueError("a value of the state has another type, or is out of its range") from error


def request_to_text(request: RolloutRequest) -> str:
    """Return the request as one line of JSON."""
    return json.dumps(asdict(request), separators=(",", ":"))


def request_from_text(text: str) -> RolloutRequest:
    """Return the request; raise `ValueError` if the text differs from what `request_to_text` writes."""
    fields = require_fields(_parsed(text), *RolloutRequest.__slots__)
    texts = {name: require_text(fields[name]) for name in ("rollout", "by", "why")}
    return RolloutRequest(
        action=Action(require_text(fields["action"])), number=require_count(fields["number"]), **texts
    )


def _parsed(text: str) -> object:
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"the text has more than {MAX_CHARACTERS} characters")
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("the text is nested too deeply") from error


def _optional_moment(value: object) -> datetime | None:
    return None if value is None else require_moment(value)


def _analysis(value: object) -> Mapping[str, Any]:
    """Return the plain values of an analysis, empty before the first one, if people can be shown them."""
    if value == {}:
        return {}
    fields = require_fields(value, *Analysis.__slots__)
    Verdict(require_text(fields["verdict"]))
    for result in require_list(fields["results"]):
        members = require_fields(result, *TestResult.__slots__)
        Verdict(require_text(members["verdict"]))
        texts = fields["why"], members["name"], members["unit"]
        optional = (members[name] for name in ("limit", "needed") if members[name] is not None)
        counts = require_mapping(members["counts"])
        list(map(require_text, (*texts, *counts)))
        list(map(require_number, (members["log_harm"], members["log_pass"], *optional, *counts.values())))
    return fields


def _orders(value: object) -> tuple[AnsweredOrder, ...]:
    """Return the answered orders; the last ones, if there are more than the state keeps."""
    return tuple(map(_order, require_list(value)[-MAX_KEPT:]))


def _order(value: object) -> AnsweredOrder:
    fields = {name: require_text(member) for name, member in require_mapping(value).items()}
    return AnsweredOrder(ignored=fields.pop("ignored", ""), order=Order.from_values(fields))


_READ: Mapping[str, Any] = {
    **dict.fromkeys(Rollout.__slots__, require_text),
    **dict.fromkeys(("stage", "generation", "beat", "handled"), require_count),
    **dict.fromkeys(("started_at", "entered_at"), require_moment),
    "held_at": _optional_moment,
    "phase": Phase,
    "plan": lambda value: RolloutPlan.from_values(require_mapping(value)),
    **dict.fromkeys(("counts", "stage_base"), lambda value: RolloutCounts.from_values(require_mapping(value))),
    "analysis": _analysis,
    "orders": _orders,
    "transitions": lambda value: shortened(tuple(map(Transition.from_values, require_list(value)))),
}
