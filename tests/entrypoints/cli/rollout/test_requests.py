import json

from domain.delivery.plan import RolloutPlan
from domain.delivery.rollout import Action


def test_request_without_a_rollout_exits_with_4_and_writes_nothing(endeavour, registry):
    for action in Action:
        code, out, err = endeavour("rollout", action, "--why", "late")
        assert (code, out) == (4, ""), err
        assert "no rollout is under way" in err
    assert not registry.state.rollout_requests


def test_request_is_kept_with_its_person_and_reason(endeavour, registry, container):
    rollout = container.start_rollout()("2", RolloutPlan(), by="kim@host")
    for number, action in enumerate(Action, 1):
        code, out, _ = endeavour("rollout", action, "--why", f"reason {number}", "--json")

        request = registry.rollouts.read().request
        assert (code, json.loads(out)["rollout"]) == (0, rollout.id)
        assert (request.action, request.why, request.number) == (action, f"reason {number}", number)
        assert "@" in request.by
    assert "follows in its next tick" in endeavour("rollout", "pause")[1]


def test_request_that_needs_a_reason_or_has_too_long_a_one_is_refused(endeavour, registry):
    for words in (("abort",), ("promote",), ("pause", "--why", "x" * 251)):
        code, _, err = endeavour("rollout", *words)
        assert (code, "--why" in err) == (2, True)
