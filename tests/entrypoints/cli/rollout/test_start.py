import io
import json

import pytest

from domain.delivery.counts import RolloutCounts
from domain.delivery.rollout import Action, Phase, RolloutRequest
from domain.model.model_version import ModelVersion
from entrypoints.cli.rollout import foreground
from tests.support.examples import a_lineage, a_model


def test_history_of_no_rollouts_has_one_line(endeavour, registry):
    assert endeavour("rollout", "history") == (0, "no rollout has ended yet\n", "")


def test_start_drives_a_rollout_to_the_promotion(endeavour, registry, quick):
    code, out, err = endeavour("rollout", "start", "2", *quick, "--yes")

    assert (code, err) == (0, "")
    assert registry.store.history().champion == "2"
    lines = out.splitlines()
    assert lines[0] == "2 instead of 1: the same feature"
    assert any("requests a second: shadow " in line for line in lines)
    assert "probability of a false abort at most 5 %, of a promotion at a limit at most 5 %" in lines
    assert [line.partition(":")[0] for line in lines[-4:]] == [
        *("the shadow", "step 1 of 1 (50 % of requests)", "promoting in step 1 of 1 (50 % of requests)", "promoted"),
    ]


def test_start_warns_of_a_challenger_that_differs_more_than_the_plan_permits(endeavour, registry, monkeypatch):
    registry.store.save(ModelVersion("", a_model(1200.0), a_lineage()))
    monkeypatch.setattr("sys.stdin", io.StringIO("n\nn\n"))

    near, far = (endeavour("rollout", "start", version)[1] for version in "25")

    assert ("raise the limit" in near, "raise the limit" in far) == (False, True)


def test_start_exits_with_6_when_the_challenger_is_worse(endeavour, registry, quick):
    registry.replicas.rise = RolloutCounts(pairs=100, differences=60)

    code, out, _ = endeavour("rollout", "start", "2", *quick, "--yes", "--json")
    again = endeavour("rollout", "start", "2", *quick, "--yes")
    past = endeavour("rollout", "history")[1]
    facts = json.loads(endeavour("rollout", "history", "--json")[1])

    end = json.loads(out)
    assert (code, end["outcome"], end["stage"]) == (6, "aborted", 0)
    assert "differences (differ" in end["why"]
    assert "salt" not in end
    assert registry.store.history().champion == "1"
    assert again[0] == 4
    assert "--again" in again[2]
    assert past.splitlines()[1].split()[3:6] == [end["id"], "aborted", "1"]
    assert (facts[0]["rollout"], facts[0]["outcome"], facts[0]["counts"]["differences"]) == (
        end["id"],
        "aborted",
        end["counts"]["differences"],
    )


@pytest.fixture
def people(registry, mocker):
    """Kim pauses the rollout when it is first shown, and resumes it when it is held."""

    def act(*_, **__):
        record = registry.rollouts.read()
        if record and not record.request:
            action = Action.PAUSE
        elif record and record.rollout.held:
            action = Action.RESUME
        else:
            return
        number = record.rollout.handled + 1
        registry.rollouts.request(RolloutRequest(record.rollout.id, action, "kim", "lunch", number))

    mocker.patch("entrypoints.cli.rollout.display.echo", side_effect=act)


@pytest.mark.usefixtures("people")
def test_start_exits_with_7_when_the_rollout_is_held(endeavour, registry, quick):
    code, out, err = endeavour("rollout", "start", "2", *quick, "--yes")

    assert code == 7
    assert err.startswith("left: `endeavour rollout run` drives the rollout")
    assert out.splitlines()[-1] == "held: kim asked to pause: lunch."
    assert registry.rollouts.read().rollout.held


@pytest.mark.usefixtures("people")
def test_start_on_a_terminal_drives_a_held_rollout_on(endeavour, registry, quick, mocker):
    mocker.patch("sys.stdout.isatty", return_value=True)

    code, out, _ = endeavour("rollout", "start", "2", *quick, "--yes")

    assert (code, registry.store.history().champion) == (0, "2")
    assert "promoted: No test failed" in out.splitlines()[-1]


def test_detached_start_writes_the_state_and_returns(endeavour, registry):
    registry.replicas.problem = "no answer in time"

    code, out, _ = endeavour(
        "rollout", "start", "2", "--steps", "10,50", "--truth", "off", "--detach", "--yes", "--json"
    )

    rollout = registry.rollouts.read().rollout
    facts = json.loads(out)
    assert (code, facts["rollout"], facts["phase"]) == (0, rollout.id, "preflight")
    assert "the duration is unknown: 10.0.0.1:9100 is not available: no answer in time" in facts["preview"]
    assert (rollout.plan.steps, rollout.plan.truth, rollout.phase) == ((10, 50), "off", Phase.PREFLIGHT)
    assert "@" in rollout.by


def test_start_that_is_refused_or_not_confirmed_writes_nothing(endeavour, registry, monkeypatch, tmp_path):
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "half.json").write_text('{"steps": ')
    for words, code, message in (
        (("1",), 4, "is in production already"),
        (("4",), 4, "takes other features than version 1"),
        (("77",), 4, "no model version '77'"),
        (("2", "--steps", "50,10"), 2, "steps is (50.0, 10.0)"),
        (("2", "--steps", "ten"), 2, "no list of numbers"),
        (("2", "--plan", str(tmp_path / "list.json")), 2, "no JSON object"),
        (("2", "--plan", str(tmp_path / "half.json")), 2, "no JSON file"),
        (("2", "--plan", str(tmp_path / "none.json")), 2, "cannot be read"),
    ):
        found, _, err = endeavour("rollout", "start", *words, "--yes")
        assert (found, message in err) == (code, True), (words, err)
    code, _, err = endeavour("rollout", "start", "2")
    assert (code, "--yes" in err) == (2, True)
    registry.replicas.problem = "the connection was refused: nothing listens there"
    code, _, err = endeavour("rollout", "start", "2", "--yes")

    assert code == 3
    assert "10.0.0.1:9100" in err
    assert "`endeavour serve`" in err
    assert registry.rollouts.read() is None


def test_start_waits_for_a_controller_that_runs_already(endeavour, registry, quick, container, monkeypatch):
    monkeypatch.setattr(foreground, "OTHER_SECONDS", 60.0)
    control, states = container.control_rollout(), registry.rollouts
    known = states.read

    def read():
        if (record := known()) and not record.rollout.writer:
            states.read = known
            control()
        return known()

    states.read = read

    assert endeavour("rollout", "start", "2", *quick, "--yes")[0] == 0
    assert registry.store.history().champion == "2"
