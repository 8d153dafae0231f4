"""Order routes: an operator's orders about the rollout and the champion, and what has become of them."""

from random import getrandbits

from flask import Blueprint, Response, request

from application.access.active_keys import ActiveKeys
from application.serving.give_order import GiveOrder
from domain.data.quoting import has_control_character
from domain.delivery.order import MAX_SEEN_CHARACTERS, NOT_A_REASON, ORDER_ID, OrderAction, reason_from
from domain.delivery.order_progress import OrderProgress
from entrypoints.observability.request_context import context_of
from entrypoints.web.middleware.authentication import orderer
from entrypoints.web.wire.json_body import read_json_body
from entrypoints.web.wire.object_schema import Field, FieldError, InvalidFieldError, ObjectSchema
from entrypoints.web.wire.problems import ProblemError
from entrypoints.web.wire.request_limits import RequestLimits
from entrypoints.web.wire.responses import json_response

NOT_AN_ACTION = f"must be one of {', '.join(OrderAction)}"
NOT_A_TEXT = f"must be a text of at most {MAX_SEEN_CHARACTERS} characters, none of which controls a terminal"
NOT_AN_ID = "must be 32 hexadecimal digits in lower case"


def order_routes(give_order: GiveOrder, keys: ActiveKeys, limits: RequestLimits) -> Blueprint:
    """Return the routes; `seen` of an order is that of `GET /rollout`, or `champion:VERSION` without a rollout."""
    routes, schema = Blueprint("orders", __name__), _order_schema()

    @routes.post("/rollout/orders")
    def give() -> Response:
        body = schema.load(read_json_body(request.environ, limits))
        order = give_order(
            body.get("id") or f"{getrandbits(128):032x}",
            body["action"],
            seen=body["seen"],
            version=body.get("version", ""),
            by=orderer(keys, context_of(request.environ).key),
            why=body.get("why", ""),
        )
        return json_response({"id": order.id}, 202)

    @routes.get("/rollout/orders/<order>")
    def progress(order: str) -> Response:
        found = give_order.progress(order)
        if found is None:
            raise ProblemError(404, "not_found", "this host has no such order")
        return json_response(progress_values(found))

    return routes


def progress_values(progress: OrderProgress) -> dict[str, str]:
    """Return an order and what has become of it for programs."""
    return {**progress.order.to_values(), "state": progress.state, "sentence": progress.sentence}


def _order_schema() -> ObjectSchema:
    fields = {
        "action": Field(_action, null=NOT_AN_ACTION, is_required=True),
        "seen": Field(_text, null="must be a text", is_required=True),
        "version": Field(_text, null="must be a text"),
        "why": Field(reason, null=NOT_A_REASON),
        "id": Field(_id, null=NOT_AN_ID),
    }
    return ObjectSchema(fields, "is not known; the keys are action, seen, version, why and id", "must be an object")


def _action(value: object) -> OrderAction:
    if value not in tuple(OrderAction):
        raise InvalidFieldError(FieldError("wrong_type", NOT_AN_ACTION))
    return OrderAction(str(value))


def _id(value: object) -> str:
    if not isinstance(value, str) or not ORDER_ID.fullmatch(value):
        raise InvalidFieldError(FieldError("wrong_type", NOT_AN_ID))
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value.strip()) > MAX_SEEN_CHARACTERS or has_control_character(value):
        raise InvalidFieldError(FieldError("wrong_type", NOT_A_TEXT))
    return value.strip()


def reason(value: object) -> str:
    """Return the reason of an order, which may be empty; raise `InvalidFieldError` for any other value."""
    if not isinstance(value, str):
        raise InvalidFieldError(FieldError("wrong_type", NOT_A_REASON))
    try:
        return reason_from(value)
    except ValueError as error:
        raise InvalidFieldError(FieldError("wrong_type", NOT_A_REASON)) from error
