"""RequestAction: asks the controller of the rollout for an action."""

import logging
from dataclasses import dataclass

from domain.delivery.errors import NoRollout
from domain.delivery.rollout import Action, RolloutRequest
from domain.ports import RolloutStore

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RequestAction:
    """Keep a request beside the state; the controller answers it in its next tick, and hosts obey an abort at once."""

    rollouts: RolloutStore

    def __call__(self, action: Action, *, by: str, why: str = "") -> RolloutRequest:
        """Return the request, or raise `NoRollout` and write nothing."""
        record = self.rollouts.read()
        if record is None:
            raise NoRollout
        last = max(record.rollout.handled, record.request.number if record.request else 0)
        request = RolloutRequest(record.rollout.id, action, by, why, last + 1)
        self.rollouts.request(request)
        log.info("rollout_action_requested", extra={"rollout": request.rollout, "action": str(action), "by": by})
        return request
