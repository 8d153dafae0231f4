"""Operations of the rollout at this host."""

from domain.data.quoting import PLAIN_TEXT_PATTERN
from domain.delivery.order import MAX_SEEN_CHARACTERS, MAX_WHY_CHARACTERS, ORDER_ID, OrderAction
from domain.delivery.order_progress import OrderState
from domain.delivery.rollout import Action, Phase
from domain.delivery.transition import Move
from entrypoints.web.openapi.operations import DocumentSubject, Operation, content, response
from entrypoints.web.openapi.problems import BODY_PROBLEMS
from entrypoints.web.openapi.schemas import TEXT, Json, closed, object_of

REFUSALS = ("outdated", "order_refused")
NONE_UNDER_WAY = {404: ("not_found",)}
SUMMARIES = {
    Action.PAUSE: "Hold the rollout; the weight stays",
    Action.RESUME: "Go on with a held rollout",
    Action.ABORT: "Abort the rollout; this host routes all requests to the champion at once",
}
DETAILS = "The controller acts within one tick. The reason is in the log of this server."
NUMBER: Json = {"type": "number"}
COUNT: Json = {"type": "integer", "minimum": 0}
MOMENT: Json = {"type": "string", "format": "date-time"}
ID: Json = {"type": "string", "pattern": f"^{ORDER_ID.pattern}$"}
ACTION: Json = {"enum": [*OrderAction]}
ORDER_DETAILS = (
    "`seen` is that of `GET /rollout`, or `champion:VERSION` where no rollout is under way. The controller acts within "
    "one tick, and the same `id` twice is one order. A promotion needs `why`."
)

ORDER_PROBLEMS = {**BODY_PROBLEMS, 403: ("orders_need_keys",), 409: REFUSALS, 503: ("no_model", "overloaded")}


def operations(_subject: DocumentSubject) -> list[Operation]:
    """Return the operations of the group."""
    state = {200: response("The rollout", content("Rollout"))}
    taken = {202: response("The request was noted", content("RolloutAction"))}
    problems = {**ORDER_PROBLEMS, **NONE_UNDER_WAY}
    get = Operation(
        "rollout", "/rollout", "The rollout of a challenger", state, problems={**NONE_UNDER_WAY, 503: ("no_model",)}
    )
    return [
        get,
        *(
            Operation(
                f"{action}_rollout",
                f"/rollout/{action}",
                summary,
                taken,
                method="post",
                problems=problems,
                body=content("RolloutReason"),
                details=DETAILS,
            )
            for action, summary in SUMMARIES.items()
        ),
        *_of_orders(),
    ]


def _of_orders() -> list[Operation]:
    accepted = {202: response("The order was accepted", content("OrderId"))}
    order = {"name": "order", "in": "path", "required": True, "schema": ID}
    return [
        Operation(
            "give_order",
            "/rollout/orders",
            "Give an order about the rollout or the champion",
            accepted,
            method="post",
            problems=ORDER_PROBLEMS,
            body=content("Order"),
            details=ORDER_DETAILS,
        ),
        Operation(
            "order",
            "/rollout/orders/{order}",
            "What has become of an order",
            {200: response("The order", content("OrderProgress"))},
            problems={**NONE_UNDER_WAY, 503: ("no_model",)},
            parameters=[order],
        ),
    ]


def schemas(_subject: DocumentSubject) -> dict[str, Json]:
    """Return the schemas that the operations refer to."""
    plain: Json = {"type": "object"}
    transition = {"at": MOMENT, "move": {"enum": [*Move]}, "weight": NUMBER, "why": TEXT, "by": TEXT}
    order = {**dict.fromkeys(("id", "seen", "version", "by", "why"), TEXT), "action": ACTION, "at": MOMENT}
    host = object_of({"ready": {"type": "boolean"}, "problem": TEXT, "weight": NUMBER})
    names = ("id", "champion", "challenger", "by", "why", "held", "seen")
    state = {
        **dict.fromkeys(names, TEXT),
        "phase": {"enum": [*Phase]},
        **dict.fromkeys(("stage", "generation"), COUNT),
        "weight": {**NUMBER, "description": "Percent of requests that the challenger answers."},
        **dict.fromkeys(("started_at", "entered_at"), MOMENT),
        **dict.fromkeys(("plan", "counts", "analysis"), plain),
        "orders": {"type": "array", "items": object_of({**order, "ignored": TEXT})},
        "transitions": {"type": "array", "items": object_of(transition)},
        "time_left": TEXT,
        "host": host,
    }
    plain_text: Json = {"type": "string", "pattern": PLAIN_TEXT_PATTERN}
    reason: Json = {**plain_text, "minLength": 1, "maxLength": MAX_WHY_CHARACTERS}
    return {
        "Rollout": object_of(state),
        "RolloutReason": closed({"why": reason}, "why"),
        "Order": closed(
            {
                "action": ACTION,
                "seen": {**plain_text, "maxLength": MAX_SEEN_CHARACTERS},
                "version": {**plain_text, "maxLength": MAX_SEEN_CHARACTERS},
                "why": {**plain_text, "maxLength": MAX_WHY_CHARACTERS},
                "id": ID,
            },
            *("action", "seen"),
        ),
        "OrderId": object_of({"id": ID}),
        "OrderProgress": object_of({**order, "state": {"enum": [*OrderState]}, "sentence": TEXT}),
        "RolloutAction": object_of({"rollout": TEXT, "action": {"enum": [*SUMMARIES]}}),
    }
