import json


def test_simulation_prints_how_rollouts_by_a_plan_end(endeavour, tmp_path):
    plan = tmp_path / "plan.json"
    plan.write_text('{"steps": [50], "shadow_seconds": 60, "step_seconds": [60], "watch_seconds": 60}')
    words = ("rollout", "simulate", "--plan", str(plan), "--rps", "50", "--runs", "20")

    code, out, _ = endeavour(*words, "--scenario", "many-failures")
    ends = json.loads(endeavour(*words, "--scenario", "equal", "--scenario", "bias-1", "--json")[1])

    assert code == 0
    assert out.splitlines()[0] == "failures +2 %, 20 rollouts at 50 requests a second"
    assert "aborted  100.0 %" in out
    assert ends["bias-1"]["aborted"] == 20
    assert ends["equal"]["promoted"] > 15
    assert ends["equal"]["minutes_to_promotion"] < 10


def test_unknown_scenario_is_refused_with_the_known_ones(endeavour):
    code, _, err = endeavour("rollout", "simulate", "--scenario", "sunspots")

    assert code == 2
    assert "'sunspots' is not one of equal, " in err
