"""Operations of the rollout at this host."""

from domain.delivery.rollout import MAX_TEXT_CHARACTERS, Action, Phase
from entrypoints.web.openapi.operations import DocumentSubject, Operation, content, response
from entrypoints.web.openapi.problems import BODY_PROBLEMS
from entrypoints.web.openapi.schemas import TEXT, Json, closed, object_of

NONE_UNDER_WAY = {404: ("not_found",)}
SUMMARIES = {
    Action.PAUSE: "Hold the rollout; the weight stays",
    Action.RESUME: "Go on with a held rollout",
    Action.ABORT: "Abort the rollout; this host routes all requests to the champion at once",
}
DETAILS = "The controller acts within one tick. The reason is in the log of this server."
NUMBER: Json = {"type": "number"}
COUNT: Json = {"type": "integer", "minimum": 0}
MOMENT: Json = {"type": "string", "format": "date-time"}


def operations(_subject: DocumentSubject) -> list[Operation]:
    """Return the operations of the group."""
    state = {200: response("The rollout", content("Rollout"))}
    taken = {202: response("The request was noted", content("RolloutAction"))}
    problems = {**BODY_PROBLEMS, **NONE_UNDER_WAY, 503: ("no_model", "overloaded")}
    get = Operation(
        "rollout", "/rollout", "The rollout of a challenger", state, problems={**NONE_UNDER_WAY, 503: ("no_model",)}
    )
    return [
        get,
        *(
            Operation(
                f"{action}_rollout",
                f"/rollout/{action}",
                summary,
                taken,
                method="post",
                problems=problems,
                body=content("RolloutReason"),
                details=DETAILS,
            )
            for action, summary in SUMMARIES.items()
        ),
    ]


def schemas(_subject: DocumentSubject) -> dict[str, Json]:
    """Return the schemas that the operations refer to."""
    plain: Json = {"type": "object"}
    host = object_of({"ready": {"type": "boolean"}, "problem": TEXT, "weight": NUMBER})
    names = ("id", "champion", "challenger", "by", "why", "held")
    state = {
        **dict.fromkeys(names, TEXT),
        "phase": {"enum": [*Phase]},
        **dict.fromkeys(("stage", "generation"), COUNT),
        "weight": {**NUMBER, "description": "Percent of requests that the challenger answers."},
        **dict.fromkeys(("started_at", "entered_at"), MOMENT),
        **dict.fromkeys(("plan", "counts", "analysis"), plain),
        "host": host,
    }
    reason: Json = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT_CHARACTERS}
    return {
        "Rollout": object_of(state),
        "RolloutReason": closed({"why": reason}, "why"),
        "RolloutAction": object_of({"rollout": TEXT, "action": {"enum": [*SUMMARIES]}}),
    }
