import pytest

from domain.errors import InvalidParameter
from domain.model.scores import Scores
from domain.promotion.policy import Candidate, PromotionPolicy, UnscorableChampion, feature_change

POLICY = PromotionPolicy(min_r2=0.4, max_r2_drop=0.01)


def contender(
    r2: float, name: str = "2", digest: str | None = None, features: tuple[str, ...] = ("bmi", "bp")
) -> Candidate:
    return Candidate(name, digest or name, features, Scores(r2=r2, mse=1, rmse=1, mae=1))


def test_first_good_model_is_promoted_whatever_its_features():
    decision = POLICY.decide(contender(0.4726, features=("anything",)), None)

    assert decision.promote
    assert decision.reasons == ("hold-out R² 0.4726 is at least the floor of 0.4", "nothing is in production yet")


@pytest.mark.parametrize(("r2", "promote"), [(0.4, True), (0.3999, False), (-3.0, False), (float("nan"), False)])
def test_model_below_the_floor_is_refused(r2, promote):
    decision = POLICY.decide(contender(r2), None)

    assert decision.promote is promote
    assert ("below the floor of 0.4" in decision.reasons[0]) is not promote


@pytest.mark.parametrize(
    ("champion", "promote", "verdict"),
    [
        (0.45, True, "is no worse"),
        (0.50, True, "is no worse"),
        (0.505, True, "is worse, but within the margin of 0.01"),
        (0.51, True, "is worse, but within"),
        (0.5101, False, "is worse by more than the margin"),
        (0.9, False, "is worse by more than the margin"),
    ],
)
def test_challenger_may_be_worse_than_the_champion_by_the_margin(champion, promote, verdict):
    decision = POLICY.decide(contender(0.50), contender(champion, "1"))

    assert decision.promote is promote
    assert f"R² 0.5000 against {champion:.4f} of version 1 on the same rows {verdict}" in decision.reasons[-1]


@pytest.mark.parametrize(
    ("challenger", "champion", "reasons"),
    [
        (
            contender(0.5, digest="d"),
            contender(0.5, "1", digest="d"),
            ["its weights are those of version 1, which is in production already"],
        ),
        (
            contender(0.9),
            UnscorableChampion("1", "no column 'age'"),
            ["it cannot be compared with version 1 in production: no column 'age'"],
        ),
        (
            contender(0.9),
            UnscorableChampion("1", "no column 'age'", ("age",)),
            ["cannot be compared", "--allow-feature-change"],
        ),
        (contender(0.1), contender(0.9, "1"), ["below the floor", "worse by more than the margin"]),
    ],
    ids=["same weights", "unscored", "unscored with known features", "every reason"],
)
def test_refusal_gives_every_reason_and_no_praise(challenger, champion, reasons):
    decision = POLICY.decide(challenger, champion)

    assert not decision.promote
    assert len(decision.reasons) == len(reasons)
    for found, expected in zip(decision.reasons, reasons, strict=True):
        assert expected in found


@pytest.mark.parametrize(
    ("features", "how"),
    [
        (("bmi", "bp", "s5"), "new: s5"),
        (("bmi",), "gone: bp"),
        (("age", "bp"), "gone: bmi; new: age"),
        (("bp", "bmi"), "the same in another order"),
    ],
)
def test_better_model_of_other_features_is_left_to_a_person(features, how):
    decision = POLICY.decide(contender(0.9, features=features), contender(0.5, "1"))

    assert not decision.promote
    assert decision.reasons == (
        "hold-out R² 0.9000 is at least the floor of 0.4",
        "R² 0.9000 against 0.5000 of version 1 on the same rows is no worse",
        f"version 2 takes other features than version 1 ({how}), which breaks clients that do not know; "
        "once they do: `endeavour promote 2 --allow-feature-change`",
    )


@pytest.mark.parametrize("values", [{"min_r2": 1.5}, {"max_r2_drop": -0.1}, {"min_r2": float("nan")}])
def test_policy_that_makes_no_sense_is_refused(values):
    with pytest.raises(InvalidParameter):
        PromotionPolicy(**values)


BEFORE = ("bmi", "bp")


def test_change_names_what_is_gone_and_what_is_new():
    assert feature_change(BEFORE, ["bmi", "bp"]) == ""
    assert feature_change(BEFORE, ("bmi", "bp", "s5")) == "new: s5"
    assert feature_change(BEFORE, ("s5", "age")) == "gone: bmi, bp; new: age, s5"
    assert feature_change(BEFORE, ("bp", "bmi")) == "the same in another order"
    many = feature_change(BEFORE, [f"x{number:03}" for number in range(1000)])
    assert many.endswith("… (1000 in all)")
    assert len(many) < 200
