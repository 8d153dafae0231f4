"""Supersession: a state holds only by the change of champion that it rests on."""

from dataclasses import replace
from datetime import timedelta

from domain.delivery.rollout import Phase
from domain.delivery.supersession import supersession
from domain.promotion.history import PromotionHistory
from tests.support.rollouts import a_rollout

ROLLOUT = a_rollout()
START = ROLLOUT.started_at
BEFORE = PromotionHistory().promote("1", replacing=None, at=START)
PROMOTED_AT = START + timedelta(hours=2)
PROMOTED = BEFORE.promote("2", replacing="1", at=PROMOTED_AT)
WATCH = replace(ROLLOUT, phase=Phase.WATCH, stage=ROLLOUT.plan.watch, entered_at=PROMOTED_AT)


def test_state_holds_while_no_other_change_of_champion_follows():
    later = PROMOTED_AT + timedelta(minutes=5)
    cut_off = PROMOTED.roll_back(at=PROMOTED_AT)
    returned = PROMOTED.roll_back(at=later)
    again = returned.promote("2", replacing="1", at=later + timedelta(minutes=5))
    for rollout, history, why in (
        (ROLLOUT, BEFORE, ""),
        (ROLLOUT, cut_off, ""),
        (ROLLOUT, PROMOTED, "Version 2 is in production instead of version 1."),
        (ROLLOUT, returned, "Version 1 was put into production again after the start of the rollout."),
        (WATCH, PROMOTED, ""),
        (WATCH, returned.promote("2", replacing="1", at=later), ""),
        (WATCH, returned, "Version 1 is in production instead of version 2."),
        (WATCH, again, "Version 2 was promoted again after the rollout."),
    ):
        assert supersession(rollout, history) == why
