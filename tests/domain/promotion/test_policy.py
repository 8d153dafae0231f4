from math import inf, nan

import pytest

from domain.errors import InvalidParameter
from domain.model.scores import Scores
from domain.promotion.policy import Candidate, PromotionPolicy, UnscorableChampion

POLICY = PromotionPolicy(threshold=0.4, margin=0.01)
FEATURES = ("bmi", "bp")


def candidate(r2, name="2", *, features=FEATURES, rmse=1.0, **facts):
    kinds = dict.fromkeys(features, "number")
    return Candidate(name, f"digest {name}", kinds, Scores(r2=r2, mse=1, rmse=rmse, mae=1), **facts)


def test_threshold_and_margin_decide_with_a_reason_each():
    for r2, champion_r2, promote, reasons in (
        (0.4726, None, True, ("nothing is in production yet", "hold-out R² 0.4726 meets the threshold of 0.4")),
        (0.4, None, True, ("nothing", "meets")),
        (0.3999, None, False, ("misses", "nothing")),
        (-3.0, None, False, ("misses", "nothing")),
        (nan, None, False, ("misses", "nothing")),
        (0.5, 0.45, True, ("R² 0.5000 against 0.4500 of version 1 on the same rows is no worse", "meets")),
        (0.5, 0.5, True, ("is no worse", "meets")),
        (0.5, 0.505, True, ("is worse, but within the margin of 0.01", "meets")),
        (0.5, 0.51, True, ("is worse, but within the margin", "meets")),
        (0.5, 0.5101, False, ("is worse by more than the margin", "meets")),
        (0.1, 0.9, False, ("is worse by more than the margin", "misses")),
        (0.1, 0.05, False, ("misses", "is no worse")),
    ):
        decision = POLICY.decide(candidate(r2), None if champion_r2 is None else candidate(champion_r2, "1"))

        assert (decision.promote, decision.awaits_approval) == (promote, False), (r2, champion_r2)
        for found, expected in zip(decision.reasons, reasons, strict=True):
            assert expected in found, (r2, champion_r2)


def test_few_held_out_rows_and_objections_of_the_training_refuse_a_promotion():
    policy = PromotionPolicy(min_held_out_rows=20)
    for facts, refusals in (
        ({"held_out_rows": 19}, ["its scores rest on 19 held-out rows, and a promotion needs 20"]),
        ({"held_out_rows": 20}, []),
        ({"objections": ("unstable",)}, ["unstable"]),
    ):
        decision = policy.decide(candidate(0.9, **facts), None)

        assert (decision.promote, list(decision.reasons[:-2])) == (not refusals, refusals)


def test_metric_of_which_less_is_better_is_compared_the_other_way_round():
    policy = PromotionPolicy(metric="rmse", threshold=50.0, margin=1.0)

    for rmse, champion_rmse, promote in ((50, 50, True), (50, 49, True), (50, 48.9, False), (50.1, 60, False)):
        decision = policy.decide(candidate(-inf, rmse=rmse), candidate(1, "1", rmse=champion_rmse))
        assert decision.promote is promote, (rmse, champion_rmse)
        assert "RMSE" in decision.reasons[0]


def test_same_weights_and_a_champion_without_scores_are_refused_first():
    for challenger, champion, reason in (
        (candidate(0.5, "1"), candidate(0.5, "1"), "version 1, which is in production already"),
        (candidate(0.9), UnscorableChampion("1", "half a file"), "version 1 in production: half a file"),
    ):
        decision = POLICY.decide(challenger, champion)

        assert (decision.promote, decision.awaits_approval) == (False, False)
        assert reason in decision.reasons[0]


def test_same_weights_take_the_place_of_a_record_that_lacks_something_if_their_score_meets_the_threshold():
    old = candidate(0.5, "1", is_complete=False)

    for r2, complete, promote in ((0.5, True, True), (0.3, True, False), (0.5, False, False)):
        decision = POLICY.decide(candidate(r2, "1", is_complete=complete), old)
        assert decision.promote is promote, (r2, complete)


def test_other_features_are_the_first_reason_and_await_approval_if_nothing_else_refuses():
    for features in (("bmi", "bp", "s5"), ("bmi",), ("age", "bp"), ("bp", "bmi")):
        for r2, champion, awaits in (
            (0.9, candidate(0.5, "1"), True),
            (0.9, UnscorableChampion("1", "no column 'bp'", dict.fromkeys(FEATURES, "number")), True),
            (0.5, candidate(0.9, "1"), False),
            (0.3, candidate(0.3, "1"), False),
        ):
            decision = POLICY.decide(candidate(r2, features=features), champion)

            assert (decision.promote, decision.awaits_approval) == (False, awaits), (features, r2)
            assert decision.reasons[0].startswith("version 2 takes other features than version 1 (")
            assert "`" not in " ".join(decision.reasons)


def test_invalid_policy_is_refused():
    for values in ({"margin": -0.1}, {"margin": nan}, {"threshold": nan}, {"metric": "accuracy"}):
        with pytest.raises(InvalidParameter) as caught:
            PromotionPolicy(**values)
        assert caught.value.name == next(iter(values))
