"""Rollouts: what starts and controls one."""

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from application.rollout.start_rollout import StartRollout
from domain.delivery.order import Order
from domain.delivery.plan import RolloutPlan
from domain.ports import Clock, LedgerStore, ModelStore, ReplicaCounts, RolloutStore

if TYPE_CHECKING:
    from application.rollout.control_rollout import ControlRollout


def draw_salt() -> str:
    """Return 16 random hexadecimal digits."""
    return secrets.token_hex(8)


def rollout_of_training(start: StartRollout) -> Callable[[str], str]:
    """Return the function that starts a rollout by the default plan, and returns its id."""
    return lambda version: start(version, RolloutPlan(), by="train").id


def control_rollout(
    store: ModelStore,
    rollouts: RolloutStore,
    ledger: LedgerStore,
    replicas: ReplicaCounts,
    clock: Clock,
    monotonic: Callable[[], float],
    obey: Callable[[Order], None],
) -> "ControlRollout":
    """Return a controller with a random name."""
    from application.rollout.control_rollout import ControlRollout
    from application.rollout.lease import Lease
    from application.rollout.observe_replicas import ObserveReplicas
    from application.rollout.rollout_ledger import RolloutLedger
    from application.rollout.rollout_writes import RolloutWrites
    from domain.delivery.analysis import analyze

    writes = RolloutWrites(store, rollouts, RolloutLedger(ledger, clock))
    observe = ObserveReplicas(replicas, clock, monotonic, analyze)
    return ControlRollout(store, rollouts, observe, writes, Lease(secrets.token_hex(4), monotonic), obey)
