"""Order options: which orders make sense now."""

from domain.delivery.order import OrderAction, seen_champion
from domain.delivery.rollout import Phase, Rollout
from domain.delivery.served_model import ServedModels


def seen_now(models: ServedModels) -> str:
    """Return what an operator sees who looks at this host now."""
    if models.exposure:
        return models.exposure.rollout.seen
    return seen_champion(models.champion.version.name)


def possible_orders(rollout: Rollout | None) -> tuple[OrderAction, ...]:
    """Return the orders that can be given about this state; None stands for no rollout.

    A promotion of a challenger that hosts have not verified yet is none of them, and neither is any order about a
    rollout that is being aborted.
    """
    if rollout is None:
        return OrderAction.PROMOTE, OrderAction.ROLLBACK
    if rollout.phase is Phase.ABORTING:
        return ()
    if rollout.phase is Phase.PROMOTING:
        return (OrderAction.ABORT,)
    first = OrderAction.RESUME if rollout.held else OrderAction.PAUSE
    promote = () if rollout.phase is Phase.PREFLIGHT else (OrderAction.PROMOTE,)
    return first, OrderAction.ABORT, *promote
