import logging

from domain.errors import StoreUnavailable
from domain.mirror_report import MirrorReport, RegistryState
from entrypoints.serving import mirror
from entrypoints.serving.mirror import pause, poll


def report(state, reason=""):
    return MirrorReport(None, state, reason, None, 0.0)


def test_changes_alone_are_logged_and_no_failure_ends_the_mirror(caplog):
    caplog.set_level(logging.INFO, logger=mirror.__name__)
    changed = report(RegistryState.FEATURES_CHANGED, "`endeavour promote 5 …`")
    refused, found = report(RegistryState.DOWN, "it refuses"), report(RegistryState.OK)
    outcomes = [found, found, refused, refused, StoreUnavailable("the board", "full"), ZeroDivisionError(), found]
    problem, states = "", []

    for outcome in [*outcomes, changed, changed]:

        def ask(outcome=outcome):
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        state, problem = poll(ask, problem)
        states.append(state)

    down, ok = RegistryState.DOWN, RegistryState.OK
    assert states == [ok, ok, down, down, down, down, ok, changed.state, changed.state]
    assert [(record.message, getattr(record, "why", "")) for record in caplog.records] == [
        ("registry_lost", "it refuses"),
        ("registry_lost", "the board is not available: full"),
        ("registry_lost", "unexpected ZeroDivisionError"),
        ("registry_found", ""),
        ("champion_refused", "`endeavour promote 5 …`"),
    ]


def test_pause_grows_with_failures_up_to_seconds():
    down, bad = RegistryState.DOWN, RegistryState.BAD
    for poll_seconds, expected in ((2.0, [4.0, 5.0, 5.0]), (60.0, [60.0, 60.0, 60.0])):
        seconds, taken = poll_seconds, []
        for state in (down, bad, down):
            seconds = pause(seconds, state, poll_seconds)
            taken.append(seconds)

        assert taken == expected
        for state in (RegistryState.OK, RegistryState.FEATURES_CHANGED):
            assert pause(seconds, state, poll_seconds) == poll_seconds
