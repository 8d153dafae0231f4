import json


def test_training_starts_a_rollout_instead_of_a_promotion(endeavour, registry, monkeypatch):
    monkeypatch.setenv("ENDEAVOUR_PROMOTION", "rollout")

    code, out, _ = endeavour("train")
    rollout = registry.rollouts.read().rollout
    second, text, _ = endeavour("train", "--holdout", "21")
    facts = json.loads(endeavour("train", "--holdout", "22", "--json")[1])

    assert (code, second) == (0, 0)
    assert "decision  rollout started: R² " in out
    assert "`" not in out
    assert out.splitlines()[-2:] == [
        f"{'':8}  to drive it: endeavour rollout run",
        f"{'':8}  to watch it: endeavour rollout status",
    ]
    assert (rollout.challenger, rollout.by, rollout.champion) == ("5", "train", "1")
    assert "not promoted: a rollout of version 5 is under way" in text
    assert "to try it on a share of the requests: endeavour rollout start 6" in text
    assert (facts["promoted"], facts["rollout"], facts["version"]) == (False, "", "7")
    assert registry.store.history().champion == "1"
