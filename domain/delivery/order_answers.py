"""Order answers: whether the controller has followed an order, as the ledger records it."""

import re
from collections.abc import Iterable

from domain.data.plain_values import require_list, require_mapping, require_text
from domain.delivery.ledger import LedgerDraft

# Of the last entries, for the processes of a serving host.
MAX_ANSWERS = 64
_MARK = re.compile(r"\(order ([0-9a-f]{32})\)\Z", re.ASCII)


def order_answers(entries: Iterable[LedgerDraft]) -> dict[str, str]:
    """Return why each order changed nothing, empty if it was followed, by the id of the order.

    An order that one controller has followed while another refused it was followed.

    Parameters
    ----------
    entries : iterable of LedgerDraft
        The oldest first.
    """
    answers: dict[str, str] = {}
    for entry in entries:
        for order, ignored in _answered(entry):
            answers[order] = answers.get(order, ignored) and ignored
    return answers


def last_answers(entries: Iterable[LedgerDraft]) -> dict[str, str]:
    """Return the answers to the last `MAX_ANSWERS` orders."""
    return dict(list(order_answers(entries).items())[-MAX_ANSWERS:])


def _answered(entry: LedgerDraft) -> Iterable[tuple[str, str]]:
    if entry.event in ("promote", "rollback"):
        return [(mark, "") for mark in _MARK.findall(entry.why)]
    try:
        orders = map(require_mapping, require_list(entry.verdicts.get("orders")))
        return [(require_text(order["id"]), require_text(order["ignored"])) for order in orders]
    except (KeyError, ValueError):  # an entry without orders, or with damaged ones
        return []
