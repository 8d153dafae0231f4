from benchmarks.rollouts.rules import CanaryRollouts, argo, flagger
from domain.delivery.scenarios import SCENARIOS

STEPS = (1, 5, 10, 25, 50)


def test_rules_of_others_stop_failures_and_see_no_predictions():
    for scenario, rate, aborted in (("many-failures", 100.0, 40), ("all-nan", 100.0, 0), ("equal", 1 / 60, 40)):
        by_flagger = flagger(CanaryRollouts(SCENARIOS[scenario], rate, 40, 1), STEPS, minutes=1, threshold=10)
        by_argo = argo(CanaryRollouts(SCENARIOS[scenario], rate, 40, 1), STEPS, pause=10, interval=5, limit=3)

        for summary in (by_flagger, by_argo):
            assert abs(summary.aborted - aborted) <= 8, scenario
            assert summary.aborted + summary.promoted == 40
