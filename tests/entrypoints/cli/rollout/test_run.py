import json
import os
import signal
import sys

import pytest
from dependency_injector import providers

from domain.delivery.plan import RolloutPlan

QUICK = RolloutPlan(steps=(50,), shadow_seconds=0, step_seconds=(0,), watch_seconds=0, ttl_seconds=1)


@pytest.mark.usefixtures("root_logger")
def test_run_survives_a_registry_that_is_away_logs_transitions_and_ends_between_two_ticks(
    endeavour, container, registry, monkeypatch
):
    container.start_rollout()("2", QUICK, by="kim@host")
    control, ticks = container.control_rollout(), []

    def tick():
        """Run a tick without the registry first; the signal of the last tick comes within it."""
        registry.state.reachable = bool(ticks)
        ticks.append(None)
        try:
            ticks[-1] = control()
        finally:
            registry.state.reachable = True
        if ticks[-1].outcome:
            os.kill(os.getpid(), signal.SIGTERM)
        return ticks[-1]

    container.control_rollout.override(providers.Object(tick))
    monkeypatch.setattr(sys.modules["entrypoints.cli.rollout.run"], "RETRY_SECONDS", 0.01)

    code, _, err = endeavour("rollout", "run")

    lines = [json.loads(line) for line in err.splitlines()]
    phases = [line["phase"] for line in lines if line["event"] == "rollout_transition"]
    assert code == 143
    assert lines[0]["event"] == "rollout_registry_away"
    assert phases == ["shadow", "canary", "promoting"]
    assert (lines[-1]["event"], lines[-1]["outcome"]) == ("rollout_ended", "promoted")
    assert registry.store.history().champion == "2"
