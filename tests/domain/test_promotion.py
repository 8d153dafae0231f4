import pytest

from domain.errors import BadSetting
from domain.promotion import Contender, PromotionPolicy, Unscored
from domain.scores import Scores


def contender(
    r2: float, name: str = "2", digest: str | None = None, features: tuple[str, ...] = ("bmi", "bp")
) -> Contender:
    return Contender(name, digest or name, features, Scores(r2=r2, mse=1, rmse=1, mae=1))


def test_first_good_model_is_promoted():
    decision = PromotionPolicy().decide(contender(0.4726), None)

    assert decision.promote
    assert decision.reasons == (
        "hold-out R² 0.4726 is at least the floor of 0.4",
        "nothing is in production yet",
    )


def test_floor_itself_is_enough():
    assert PromotionPolicy(min_r2=0.4).decide(contender(0.4), None).promote


@pytest.mark.parametrize("r2", [0.3999, -3.0, float("nan")])
def test_below_the_floor_is_refused(r2):
    decision = PromotionPolicy(min_r2=0.4).decide(contender(r2), None)

    assert not decision.promote
    assert "below the floor of 0.4" in decision.reasons[0]


@pytest.mark.parametrize(
    ("champion", "promote"), [(0.45, True), (0.50, True), (0.51, True), (0.5101, False), (0.9, False)]
)
def test_no_worse_than_the_champion_by_more_than_the_margin(champion, promote):
    decision = PromotionPolicy(max_r2_loss=0.01).decide(contender(0.50), contender(champion, "1"))

    assert decision.promote is promote
    assert f"against {champion:.4f} of version 1 on the same rows" in decision.reasons[-1]


@pytest.mark.parametrize(
    ("champion", "verdict"), [(0.45, "is no worse"), (0.505, "worse, but within"), (0.9, "worse by more")]
)
def test_reason_says_how_the_comparison_came_out(champion, verdict):
    decision = PromotionPolicy(max_r2_loss=0.01).decide(contender(0.50), contender(champion, "1"))

    assert verdict in decision.reasons[-1]


def test_same_weights_as_the_champion_are_refused():
    decision = PromotionPolicy().decide(contender(0.5, digest="d"), contender(0.5, "1", digest="d"))

    assert decision.reasons == ("its weights are those of version 1, which is in production already",)
    assert not decision.promote


def test_champion_that_cannot_be_scored_is_kept():
    decision = PromotionPolicy().decide(contender(0.9), Unscored("1", "no column 'age'"))

    assert not decision.promote
    assert decision.reasons == ("it cannot be compared with version 1 in production: no column 'age'",)


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
    decision = PromotionPolicy().decide(contender(0.9, features=features), contender(0.5, "1"))

    assert not decision.promote
    assert decision.reasons == (
        "hold-out R² 0.9000 is at least the floor of 0.4",
        "R² 0.9000 against 0.5000 of version 1 on the same rows is no worse",
        f"version 2 takes other features than version 1 ({how}), which breaks clients that do not know; "
        "once they do: `endeavour promote 2 --features-may-change`",
    )


def test_features_of_a_champion_that_cannot_be_scored_are_compared_too():
    decision = PromotionPolicy().decide(contender(0.9), Unscored("1", "no column 'age'", ("age",)))

    assert len(decision.reasons) == 2
    assert "--features-may-change" in decision.reasons[1]


def test_first_model_may_take_any_features():
    assert PromotionPolicy().decide(contender(0.9, features=("anything",)), None).promote


def test_refusal_gives_every_reason_and_no_praise():
    decision = PromotionPolicy().decide(contender(0.1), contender(0.9, "1"))

    assert len(decision.reasons) == 2
    assert "below the floor" in decision.reasons[0]
    assert "worse by more than the margin" in decision.reasons[1]


@pytest.mark.parametrize("values", [{"min_r2": 1.5}, {"max_r2_loss": -0.1}, {"min_r2": float("nan")}])
def test_policy_that_makes_no_sense_is_refused(values):
    with pytest.raises(BadSetting):
        PromotionPolicy(**values)
