import json
from dataclasses import replace

from domain.delivery.analysis import Verdict, analyze
from domain.delivery.counts import RolloutCounts
from domain.delivery.plan import RolloutPlan

PLAN = RolloutPlan()
SOUND = RolloutCounts(
    pairs=6000, differences=60, slow_candidate=6, slow_baseline=6, answers_candidate=900, answers_baseline=900
)
EQUAL_ERRORS = tuple(5000 if point == 16 else 0 for point in range(33))
LARGER_ERRORS = tuple(500 if point == 20 else 0 for point in range(33))


def verdict(stage=5, plan=PLAN, stage_counts=None, **changes):
    counts = replace(SOUND, **changes)
    return analyze(counts, stage_counts or counts, plan, stage)


def test_no_data_is_inconclusive_in_every_stage():
    for stage in range(7):
        assert analyze(RolloutCounts(), RolloutCounts(), PLAN, stage).verdict is Verdict.INCONCLUSIVE


def test_sound_counts_pass_every_stage():
    for stage in range(7):
        assert verdict(stage).verdict is Verdict.PASS


def test_each_harm_fails_by_its_own_test_in_every_stage_that_reads_it():
    for test, stages, changes in (
        ("failures", range(7), {"failed_candidate": 9}),
        ("slow evaluations", range(7), {"slow_candidate": 60}),
        ("differences", range(7), {"differences": 600}),
        ("error", range(7), {"squared_errors": LARGER_ERRORS}),
        ("answers", range(1, 6), {"bad_candidate": 60}),
    ):
        for stage in stages:
            analysis = verdict(stage, **changes)
            failed = [result.name for result in analysis.results if result.verdict is Verdict.FAIL]
            assert (analysis.verdict, failed) == (Verdict.FAIL, [test]), (test, stage)
            assert analysis.why.startswith(f"The challenger is worse: {test} (")


def test_failure_wins_over_missing_evidence():
    analysis = verdict(stage_counts=RolloutCounts(), failed_candidate=9)

    assert {result.verdict for result in analysis.results} >= {Verdict.FAIL, Verdict.INCONCLUSIVE}
    assert analysis.verdict is Verdict.FAIL


def test_answers_are_those_of_the_stage():
    assert verdict(bad_candidate=60, stage_counts=SOUND).verdict is Verdict.PASS
    assert verdict(stage_counts=RolloutCounts()).verdict is Verdict.INCONCLUSIVE


def test_labels_may_only_fail_unless_they_are_required():
    required, off = RolloutPlan(truth="required"), RolloutPlan(truth="off")

    assert verdict().verdict is Verdict.PASS
    assert verdict(plan=required).verdict is Verdict.INCONCLUSIVE
    assert verdict(plan=required, squared_errors=EQUAL_ERRORS).verdict is Verdict.PASS
    assert verdict(plan=off, squared_errors=LARGER_ERRORS).verdict is Verdict.PASS


def test_answers_may_only_fail_where_clients_route_most_of_them_by_entity_ids():
    few = replace(SOUND, answers_candidate=9, answers_baseline=9, entity_answers=10)

    assert verdict(stage_counts=few).verdict is Verdict.PASS
    assert verdict(stage_counts=replace(few, entity_answers=9)).verdict is Verdict.INCONCLUSIVE
    assert (
        verdict(
            stage_counts=replace(
                few, entity_answers=901, answers_candidate=900, bad_candidate=900, answers_baseline=900
            )
        ).verdict
        is Verdict.FAIL
    )


def test_missing_evidence_is_named_with_the_observations_that_it_needs():
    few = RolloutCounts(pairs=100, answers_candidate=100, answers_baseline=9900)
    analysis = analyze(few, few, PLAN, 5)

    needed = {result.name: result.needed for result in analysis.results}
    assert (needed["failures"], needed["slow evaluations"], needed["differences"]) == (846, 135, 0)
    assert "failures (challenger 0, champion 0 of 100; limit 0.5 %): about 846 more pairs" in analysis.why
    with_them = replace(few, pairs=946)
    assert analyze(with_them, few, PLAN, 5).results[0].verdict is Verdict.PASS


def test_rates_that_cannot_pass_are_named():
    analysis = verdict(failed_candidate=60, failed_baseline=60)

    assert analysis.verdict is Verdict.INCONCLUSIVE
    assert "failures (challenger 60, champion 60 of 6,000; limit 0.5 %): too many so far" in analysis.why


def test_analysis_has_plain_values():
    values = verdict().to_values()

    assert json.loads(json.dumps(values)) == values
    assert values["results"][0]["counts"] == {"candidate": 0, "baseline": 0, "of": 6000}
