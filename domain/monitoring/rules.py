"""Rules of the condition, in their order: the first one that holds decides."""

from collections.abc import Sequence

from domain.data.number_text import number_text
from domain.monitoring.column_drift import PREDICTIONS
from domain.monitoring.condition import Condition, Kind, Rule
from domain.monitoring.facts import RECENT_MINUTES, Facts
from domain.monitoring.registry_rules import REGISTRY_RULES
from domain.monitoring.rollout_rules import CONTROLLER_RULES, under_way
from domain.monitoring.wording import amount, plural, seconds_text

# Of fewer requests, neither a share nor a quantile is judged.
MIN_REQUESTS = 100
MAX_FAILED_SHARE = 0.01
MAX_P99_SECONDS = 0.25
MAX_OVERLOADED_PER_SECOND = 0.1
MAX_SILENT_SECONDS = 60.0
SHOWN_COLUMNS = 3
IN_RECENT = f"in the last {RECENT_MINUTES} minutes"


def no_model(facts: Facts) -> Condition | None:
    """Return a bad condition while no model is loaded."""
    if facts.models:
        return None
    return Condition(
        Kind.BAD,
        "Cannot predict: no model is loaded.",
        facts.problem,
        "Train and promote a model, or run `endeavour doctor` on this host.",
    )


def requests_fail(facts: Facts) -> Condition | None:
    """Return a bad condition if more than one request in a hundred is answered 5xx."""
    recent = facts.recent
    if recent.answered < MIN_REQUESTS or recent.failed <= MAX_FAILED_SHARE * recent.answered:
        return None
    return Condition(
        Kind.BAD,
        f"{amount(recent.failed)} of {amount(recent.answered)} requests failed{_where(facts)} {IN_RECENT}.",
        f"{amount(recent.overloaded)} of them found no room on {facts.host}.",
        "The server's log has the reason of each, by its request id.",
    )


def replica_silent(facts: Facts) -> Condition | None:
    """Return that an operator should look if another host has not reported for a minute."""
    silent = [replica for replica in facts.replicas if replica.silent_seconds > MAX_SILENT_SECONDS]
    if not silent:
        return None
    return Condition(
        Kind.LOOK,
        f"{silent[0].name} has not reported for {seconds_text(silent[0].silent_seconds)}.",
        f"Hosts that do not report: {len(silent)} of {len(facts.replicas) + 1}.",
        f"Look at the process and the log of {silent[0].name}.",
    )


def replicas_disagree(facts: Facts) -> Condition | None:
    """Return that an operator should look if hosts serve different champions."""
    other = [replica for replica in facts.replicas if replica.version not in ("", facts.version)]
    if not other:
        return None
    return Condition(
        Kind.LOOK,
        f"{other[0].name} serves version {other[0].version}, and {facts.host} serves version {facts.version}.",
        "Hosts follow a promotion within seconds while the registry answers them.",
        "`GET /model` of each host has the state of its registry.",
    )


def requests_slow(facts: Facts) -> Condition | None:
    """Return that an operator should look if one request in a hundred takes longer than a quarter of a second."""
    p99 = facts.recent.quantile(0.99)
    if p99 is None or p99 <= MAX_P99_SECONDS:
        return None
    return Condition(
        Kind.LOOK,
        f"One request in 100 takes longer than {p99 * 1000:.0f} ms.",
        f"Of {amount(facts.recent.answered)} requests{_where(facts)} {IN_RECENT}.",
        "Send smaller batches, or raise ENDEAVOUR_WORKERS.",
    )


def overloaded(facts: Facts) -> Condition | None:
    """Return that an operator should look if the server has no room for requests."""
    recent = facts.recent
    if recent.overloaded <= MAX_OVERLOADED_PER_SECOND * 60 * RECENT_MINUTES:
        return None
    return Condition(
        Kind.LOOK,
        f"{facts.host} had no room for {amount(recent.overloaded)} of {amount(recent.answered)} requests {IN_RECENT}.",
        "Each worker processes a limited number of requests at once.",
        "Raise ENDEAVOUR_WORKERS, or add a host.",
    )


def error_rose(facts: Facts) -> Condition | None:
    """Return that an operator should look if the error of labels is surely above that of held-out rows."""
    error = facts.error
    if error is None or not error.has_risen:
        return None
    return Condition(
        Kind.LOOK,
        f"The error of version {facts.version} has risen above that of its held-out rows.",
        f"Mean absolute error of the last {plural(error.labels, 'label')}: {number_text(error.error, 3)}, surely above "
        f"{number_text(error.lower, 3)}; of the held-out rows: {number_text(error.held_out, 3)}.",
        "Train on newer rows, or look at the clients that send labels: those of complaints only make it look worse.",
    )


def inputs_drifted(facts: Facts) -> Condition | None:
    """Return that an operator should look if rows differ from the training rows."""
    if not facts.drifted.names:
        return None
    return Condition(
        Kind.LOOK,
        f"Requests differ from the training rows in {_drifted(facts.drifted.names)}.",
        "The difference is sure and large.",
        "`GET /drift` shows what has changed. Train on newer rows, or look at the client.",
        facts.drifted.since,
    )


def never_asked(facts: Facts) -> Condition | None:
    """Return that the server is new until the first request."""
    if facts.was_asked or not facts.models:
        return None
    version = facts.models.champion.version
    columns = _listed(version.model.feature_names)
    return Condition(
        Kind.NEW,
        f"Ready. Version {version.name} predicts {version.lineage.target} from {columns}.",
        "No prediction request has come yet.",
        since=facts.started_at,
    )


def _where(facts: Facts) -> str:
    """Return the host of the counted requests if the service has others, whose figures stand beside them."""
    return f" on {facts.host}" if facts.replicas else ""


def _listed(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are."""
    more = len(names) - SHOWN_COLUMNS
    return ", ".join(names[:SHOWN_COLUMNS]) + (f" and {plural(more, 'more column')}" if more > 0 else "")


def _drifted(names: Sequence[str]) -> str:
    """Return the first columns, how many more there are, and the predictions."""
    columns = [name for name in names if name != PREDICTIONS]
    parts = [*([_listed(columns)] if columns else []), *(["the predictions"] if PREDICTIONS in names else [])]
    return " and in ".join(parts)


def healthy(facts: Facts) -> Condition:
    """Return that all is well, because no rule before this one holds."""
    recent = facts.recent
    counted = f"{amount(recent.failed)} of {amount(recent.answered)} requests failed{_where(facts)} {IN_RECENT}."
    return Condition(
        Kind.WELL,
        f"Healthy. Version {facts.version} serves.",
        counted if recent.answered else f"No request came {IN_RECENT}.",
    )


RULES = (
    Rule(no_model),
    Rule(requests_fail, ("RequestsFail",)),
    Rule(replica_silent, ("ReplicaDown",)),
    Rule(replicas_disagree, ("ReplicasDisagree",)),
    *CONTROLLER_RULES,
    *REGISTRY_RULES,
    Rule(requests_slow, ("RequestsSlow",)),
    Rule(overloaded, ("Overloaded",)),
    Rule(error_rose, ("ErrorRose",)),
    Rule(inputs_drifted, ("InputsDrifted",)),
    Rule(under_way),
    Rule(never_asked),
    Rule(healthy),
)


def judge(facts: Facts) -> Condition:
    """Return the condition of a service."""
    return next(found for rule in RULES if (found := rule.check(facts)))
