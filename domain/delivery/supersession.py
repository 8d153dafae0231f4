"""Supersession: finds states of rollouts that a change of champion has ended."""

from domain.delivery.rollout import Rollout
from domain.promotion.history import ChampionChange, PromotionHistory


def supersession(rollout: Rollout, history: PromotionHistory) -> str:
    """Return why a state no longer holds; '' if the champion is the one of its stage, by the change that it rests on.

    Before the promotion, the champion is the one of the start, without a change since then. After it, the last change
    is the rollout's own promotion at `rollout.entered_at`. A version that was promoted again by hand is therefore not
    affected by an old state that was left with it.
    """
    stage_champion, champion = rollout.version_with_state, history.champion
    if champion != stage_champion:
        return f"Version {champion} is in production instead of version {stage_champion}."
    changes = _without_cut_off_change(history.changes)
    if rollout.is_after_promotion:
        own = ChampionChange(rollout.challenger, rollout.champion, "promote", rollout.entered_at)
        return "" if changes[-1:] == (own,) else f"Version {champion} was promoted again after the rollout."
    if changes and changes[-1].at > rollout.started_at:
        return f"Version {champion} was put into production again after the start of the rollout."
    return ""


def _without_cut_off_change(changes: tuple[ChampionChange, ...]) -> tuple[ChampionChange, ...]:
    """Leave out a promotion or a rollback that was recorded before its process ended, and whose alias was not moved.

    The store completes such a history by the reverse change at the same time.
    """
    match changes:
        case (*earlier, before, last) if (last.version, last.replaced, last.at) == (
            before.replaced,
            before.version,
            before.at,
        ):
            return tuple(earlier)
    return changes
