"""Commands `endeavour rollout pause`, `resume`, `abort` and `promote`: requests to the controller."""

import click

from domain.data.quoting import without_control_characters
from domain.delivery.rollout import MAX_TEXT_CHARACTERS, Action
from entrypoints.cli.output import as_json, show
from entrypoints.container import Container

MEANINGS = {
    Action.PAUSE: "Hold the rollout at its weight until `resume`.",
    Action.RESUME: "Let a held rollout go on; its stage takes its least time again.",
    Action.ABORT: "End the rollout: the champion answers all requests again, and the version is rejected.",
    Action.PROMOTE: "Promote the challenger without the stages that are left.",
}
# Actions whose reason the ledger keeps.
EXPLAINED = (Action.ABORT, Action.PROMOTE)
# A state's reason holds the person's name and the action too.
MAX_WHY_CHARACTERS = MAX_TEXT_CHARACTERS // 2


def _command(action: Action) -> click.Command:
    @click.command(action, help=MEANINGS[action])
    @click.option("--why", default="", help="Reason, which is recorded; `abort` and `promote` need one.")
    @as_json
    @click.pass_obj
    def request(container: Container, /, why: str, as_json: bool) -> None:
        why = without_control_characters(why.strip())
        if action in EXPLAINED and not why:
            raise click.UsageError(f"`{action}` needs a reason: --why TEXT")
        if len(why) > MAX_WHY_CHARACTERS:
            raise click.BadParameter(f"a reason has {MAX_WHY_CHARACTERS} characters at most", param_hint="--why")
        asked = container.request_action()(action, by=container.operator(), why=why)
        text = f"asked to {action} rollout {asked.rollout}; its controller follows in its next tick"
        show(as_json, {"rollout": asked.rollout, "action": action, "by": asked.by, "why": why}, text)

    return request


COMMANDS = tuple(map(_command, Action))
