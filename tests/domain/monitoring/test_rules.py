"""Rules of the condition: one table of facts and of the sentences about them."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from domain.delivery.awaited import awaited
from domain.delivery.labels import ErrorSums
from domain.delivery.rollout import Phase
from domain.delivery.served_model import ModelOrigin, ServedModels
from domain.delivery.sync_report import RegistryState, RegistryStatus
from domain.monitoring.condition import Kind
from domain.monitoring.facts import Drifted, Replica
from domain.monitoring.rules import RULES, judge
from domain.monitoring.truth import check_error
from tests.support.examples import NOON, a_model
from tests.support.monitoring import facts, served, traffic
from tests.support.rollouts import a_served_rollout, in_rollout

ALERTS = Path(__file__).parents[3] / "docker/prometheus/alerts.yml"
# A balancer that is away shows no page.
NOT_SEEN_FROM_A_HOST = {"LoadBalancerDown"}
OK = RegistryStatus(RegistryState.OK, "", 1.0)


def rollout(**changes):
    of = {"started_at": NOON - timedelta(minutes=20), "entered_at": NOON - timedelta(minutes=5)}
    return in_rollout(a_model(), a_served_rollout(a_model(900.0), 500, **of | {"why": "All tests pass."} | changes))


CASES = {
    "no model": ({"models": None, "problem": "no champion"}, Kind.BAD, "Cannot predict: no model is loaded."),
    "failures": (
        {"recent": traffic(1000, failed=25, overloaded=5)},
        Kind.BAD,
        "25 of 1,000 requests failed in the last 5 minutes.",
    ),
    "failures of one of two hosts": (
        {"recent": traffic(1000, failed=25), "replicas": (Replica("web-2", "7"),)},
        Kind.BAD,
        "25 of 1,000 requests failed on web-1 in the last 5 minutes.",
    ),
    "one failure in a hundred": ({"recent": traffic(1000, failed=10)}, Kind.WELL, "Healthy. Version 7 serves."),
    "few failures": ({"recent": traffic(99, failed=9)}, Kind.WELL, "Healthy. Version 7 serves."),
    "silent replica": (
        {"replicas": (Replica("web-2", silent_seconds=70),)},
        Kind.LOOK,
        "web-2 has not reported for 1 minute.",
    ),
    "another version": (
        {"replicas": (Replica("web-2", "6"),)},
        Kind.LOOK,
        "web-2 serves version 6, and web-1 serves version 7.",
    ),
    "same version": ({"replicas": (Replica("web-2", "7"),)}, Kind.WELL, "Healthy. Version 7 serves."),
    "held": (
        {"models": rollout(held="a person paused it", held_at=NOON)},
        Kind.LOOK,
        "The rollout of version 2 is held at 1 % of the requests.",
    ),
    "silent controller": (
        {"models": rollout(), "silent_seconds": 600.0},
        Kind.LOOK,
        "The controller of the rollout has been silent for 10 minutes.",
    ),
    "controller of a new rollout": (
        {"models": rollout(started_at=NOON), "silent_seconds": 600.0},
        Kind.BUSY,
        "Healthy. Version 1 serves, and version 2 answers 1 % of the requests.",
    ),
    "approval": (
        {"registry": RegistryStatus(RegistryState.AWAITING_APPROVAL, "size is new", 1.0)},
        Kind.LOOK,
        "Version 7 serves on, because the new champion has other features.",
    ),
    "registry away": (
        {"registry": RegistryStatus(RegistryState.UNREACHABLE, "refused", 360.0)},
        Kind.LOOK,
        "Version 7 serves, but the registry has been away for 6 minutes.",
    ),
    "registry never there": (
        {"registry": RegistryStatus(RegistryState.UNREACHABLE, "refused", None)},
        Kind.LOOK,
        "Version 7 serves, but the registry has been away for 1 hour.",
    ),
    "registry unusable on a host that was just started, and whose requests drift": (
        {
            "registry": RegistryStatus(RegistryState.INVALID, "it names nothing", 1.0),
            "models": served(origin=ModelOrigin.CACHE),
            "started_at": NOON,
            "drifted": Drifted(("size",)),
        },
        Kind.LOOK,
        "Version 7 serves, but the answer of the registry cannot be used.",
    ),
    "cache": (
        {"registry": OK, "models": served(origin=ModelOrigin.CACHE)},
        Kind.LOOK,
        "web-1 answers from the copy on its disk.",
    ),
    "bundled": (
        {"models": served(origin=ModelOrigin.BUNDLED)},
        Kind.LOOK,
        "web-1 answers from the model that is bundled with the program and was trained on the diabetes data.",
    ),
    "cache after the start": (
        {"models": served(origin=ModelOrigin.CACHE), "started_at": NOON},
        Kind.WELL,
        "Healthy. Version 7 serves.",
    ),
    "copy": (
        {"registry": replace(OK, copy_problem="the disk is full")},
        Kind.LOOK,
        "web-1 cannot keep a copy of the champion.",
    ),
    "slow": ({"recent": traffic(1000, bucket=11)}, Kind.LOOK, "One request in 100 takes longer than 498 ms."),
    "overloaded": (
        {"recent": traffic(9000, failed=40, overloaded=40)},
        Kind.LOOK,
        "web-1 had no room for 40 of 9,000 requests in the last 5 minutes.",
    ),
    "error": (
        {"error": check_error(ErrorSums(60, 60 * 26.0, 60 * 5.0), mse=2.0, mae=1.0, held_out_rows=100)},
        Kind.LOOK,
        "The error of version 7 has risen above that of its held-out rows.",
    ),
    "error as of held-out rows": (
        {"error": check_error(ErrorSums(60, 60 * 2.0, 60 * 1.0), mse=2.0, mae=1.0, held_out_rows=100)},
        Kind.WELL,
        "Healthy. Version 7 serves.",
    ),
    "drift": (
        {"recent": traffic(1000), "drifted": Drifted(("area", "city", "rooms", "sold", "(prediction)"))},
        Kind.LOOK,
        "Requests differ from the training rows in area, city, rooms and 1 more column and in the predictions.",
    ),
    "drift of the predictions": (
        {"recent": traffic(1000), "drifted": Drifted(("(prediction)",))},
        Kind.LOOK,
        "Requests differ from the training rows in the predictions.",
    ),
    "never asked": (
        {"recent": traffic(0), "was_asked": False},
        Kind.NEW,
        "Ready. Version 7 predicts progression from bmi.",
    ),
    "quiet": ({"recent": traffic(0)}, Kind.WELL, "Healthy. Version 7 serves."),
    "registry": ({"registry": OK}, Kind.WELL, "Healthy. Version 7 serves."),
}


@pytest.mark.parametrize("case", CASES)
def test_first_rule_that_holds_decides(case):
    changes, kind, sentence = CASES[case]

    condition = judge(facts(**changes))

    assert (condition.kind, condition.sentence) == (kind, sentence)
    assert condition.reason


@pytest.mark.parametrize(
    ("phase", "stage", "words"),
    [
        (Phase.PREFLIGHT, 0, "and hosts fetch version 2"),
        (Phase.SHADOW, 0, "and version 2 is compared with it on each request"),
        (Phase.PROMOTING, 5, "and version 2 is being promoted"),
        (Phase.WATCH, 6, "and is watched beside version 1 after its promotion"),
        (Phase.ABORTING, 1, "and the rollout of version 2 is being aborted"),
    ],
)
def test_each_phase_of_a_rollout_has_words(phase, stage, words):
    models = rollout(phase=phase, stage=stage)

    condition = judge(facts(models=models))

    assert (condition.kind, condition.reason) == (Kind.BUSY, awaited(models.exposure.rollout))
    assert condition.sentence == f"Healthy. Version 1 serves, {words}."


def test_columns_of_a_wide_model_are_counted():
    models = served()
    wide = replace(models.champion.version, model=a_model(1.0, 2.0, 3.0, 4.0))

    condition = judge(facts(models=ServedModels(replace(models.champion, version=wide)), was_asked=False))

    assert condition.sentence == "Ready. Version 7 predicts progression from bmi, bp, s1 and 1 more column."


def test_each_alert_has_a_rule():
    alerts = {rule["alert"] for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]}

    assert {alert for rule in RULES for alert in rule.alerts} == alerts - NOT_SEEN_FROM_A_HOST
