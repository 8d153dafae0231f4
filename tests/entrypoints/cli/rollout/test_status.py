import json

import pytest

from domain.delivery.plan import RolloutPlan
from domain.delivery.rollout import Action


@pytest.fixture
def rollout(container, registry):
    """A rollout of version 2 that no controller drives yet."""
    return container.start_rollout()("2", RolloutPlan(steps=(50,)), by="kim@host")


def test_status_without_a_rollout_exits_with_4_and_names_the_command(endeavour, registry):
    code, out, err = endeavour("rollout", "status")

    assert (code, out) == (4, "")
    assert "no rollout is under way; `endeavour rollout start VERSION`" in err


def test_status_is_printed_once_in_a_pipe(endeavour, registry, rollout):
    code, out, _ = endeavour("rollout", "status")
    facts = json.loads(endeavour("rollout", "status", "--json")[1])

    assert code == 0
    assert out.startswith("1 → 2   the preflight for ")
    assert "replicas: 1 of 1 read, 1 with this rollout, 1 ready" in out
    assert (facts["id"], facts["challenger"], facts["weight"]) == (rollout.id, "2", 0)


def after_first_look(registry, work):
    """Do the work when the state has been read once."""
    look = registry.rollouts.read

    def read():
        record, registry.rollouts.read = look(), look
        work()
        return record

    registry.rollouts.read = read


def test_status_is_redrawn_on_a_terminal_until_the_rollout_ends(endeavour, registry, rollout, mocker):
    mocker.patch("sys.stdout.isatty", return_value=True)
    after_first_look(registry, lambda: registry.rollouts.remove(rollout))

    code, out, _ = endeavour("rollout", "status")

    assert code == 4
    assert "1 → 2   the preflight for " in out
    assert out.splitlines()[-1] == "superseded: Version 1 was put into production by other means."


@pytest.mark.parametrize(
    ("actions", "code", "last"),
    [
        ([Action.PAUSE], 7, "held: kim asked to pause: test."),
        ([Action.ABORT], 6, "aborted: kim asked to abort: test."),
        ([Action.PROMOTE, Action.PROMOTE], 0, "promoted: Version 2 is in production."),
    ],
)
def test_waiting_status_exits_with_the_outcome(endeavour, container, registry, rollout, actions, code, last):
    control, ask = container.control_rollout(), container.request_action()

    def work():
        for action in [None, None, *actions]:
            if action:
                ask(action, by="kim", why="test")
            while control().is_at_once:
                pass

    after_first_look(registry, work)

    found, out, _ = endeavour("rollout", "status", "--wait")

    assert (found, out.splitlines()[-1]) == (code, last)
