"""RolloutLedger: records the promotion by a rollout and its end in the ledger, each once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.delivery.ledger import Event, LedgerDraft, LedgerEntry
from domain.delivery.rollout import Outcome, Rollout
from domain.ports import Clock, LedgerStore


@dataclass(frozen=True, slots=True)
class RolloutLedger:
    """Append entries about a rollout that the ledger does not have yet."""

    ledger: LedgerStore
    clock: Clock

    def record_promotion(self, watch: Rollout) -> None:
        """Record that the challenger replaced the champion when the watch began."""
        if not any(entry.event == "promote" for entry in self._entries(watch)):
            self._append(watch, "promote", watch.entered_at, version=watch.challenger, replaced=watch.champion)

    def record_end(self, rollout: Rollout, outcome: Outcome, champion: str) -> LedgerEntry:
        """Record the end, after which `champion` is in production, and return its entry.

        A watch whose end was recorded may still be aborted, because its state is removed afterwards.
        """
        end = self.end(rollout)
        if end and not (end.event == "promoted" and outcome is Outcome.ABORTED):
            return end
        return self._append(rollout, outcome.value, self.clock(), version=champion, replaced=rollout.version_with_state)

    def end(self, rollout: Rollout) -> LedgerEntry | None:
        """Return the last entry of the rollout's end, None if it has none."""
        return next((entry for entry in reversed(self._entries(rollout)) if entry.event in tuple(Outcome)), None)

    def _entries(self, rollout: Rollout) -> tuple[LedgerEntry, ...]:
        return tuple(entry for entry in self.ledger.entries() if entry.rollout == rollout.id)

    def _append(self, rollout: Rollout, event: Event, at: datetime, *, version: str, replaced: str) -> LedgerEntry:
        draft = LedgerDraft(
            at=at,
            actor=rollout.decided_by,
            event=event,
            version=version,
            replaced=replaced,
            challenger=rollout.challenger,
            rollout=rollout.id,
            plan=rollout.plan.to_values(),
            counts=rollout.counts.to_values(),
            verdicts={**rollout.analysis, **_past(rollout)},
            why=rollout.why,
        )
        return self.ledger.append(draft)


def _past(rollout: Rollout) -> dict[str, list[dict[str, Any]]]:
    """Return the orders and the transitions, each if there are any."""
    orders = [each.to_values() for each in rollout.orders]
    transitions = [each.to_values() for each in rollout.transitions]
    return {name: values for name, values in (("orders", orders), ("transitions", transitions)) if values}
