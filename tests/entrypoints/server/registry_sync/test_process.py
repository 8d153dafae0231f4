import logging

from domain.delivery.sync_report import RegistryState, SyncReport
from domain.errors import StoreUnavailable
from entrypoints.server.registry_sync import process
from entrypoints.server.registry_sync.process import next_interval, poll, publish_in_thread
from tests.support.program import wait_until


def report(state, reason=""):
    return SyncReport(None, state, reason, None, 0.0)


def test_changes_alone_are_logged_and_no_failure_ends_the_process(caplog):
    caplog.set_level(logging.INFO, logger=process.__name__)
    changed = report(RegistryState.AWAITING_APPROVAL, "`endeavour promote 5 …`")
    refused, found = report(RegistryState.UNREACHABLE, "it refuses"), report(RegistryState.OK)
    invalid = report(RegistryState.INVALID, "no champion")
    failures = [refused, refused, invalid, StoreUnavailable("the status", "full"), ZeroDivisionError()]
    outcomes = [found, found, *failures, found]
    problem, states = "", []

    for outcome in [*outcomes, changed, changed]:

        def ask(outcome=outcome):
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        state, problem = poll(ask, problem)
        states.append(state)

    down, ok = RegistryState.UNREACHABLE, RegistryState.OK
    assert states == [ok, ok, down, down, invalid.state, down, down, ok, changed.state, changed.state]
    assert [(record.message, getattr(record, "why", "")) for record in caplog.records] == [
        ("registry_unreachable", "it refuses"),
        ("registry_invalid", "no champion"),
        ("registry_unreachable", "the status is not available: full"),
        ("registry_unreachable", "unexpected ZeroDivisionError"),
        ("registry_recovered", ""),
        ("champion_refused", "`endeavour promote 5 …`"),
    ]


def test_pause_grows_with_failures_up_to_seconds():
    down, bad = RegistryState.UNREACHABLE, RegistryState.INVALID
    for poll_seconds, expected in ((2.0, [4.0, 5.0, 5.0]), (60.0, [60.0, 60.0, 60.0])):
        seconds, taken = poll_seconds, []
        for state in (down, bad, down):
            seconds = next_interval(seconds, state, poll_seconds)
            taken.append(seconds)

        assert taken == expected
        for state in (RegistryState.OK, RegistryState.AWAITING_APPROVAL):
            assert next_interval(seconds, state, poll_seconds) == poll_seconds


def test_catalog_is_published_while_the_registry_answers_and_after_an_unexpected_error(monkeypatch, caplog):
    monkeypatch.setattr(process, "LOOK_SECONDS", 0.001)
    names, published = iter([None, "1", "2"]), []

    def publish(name):
        published.append(name)
        if name == "1":
            raise ZeroDivisionError

    publish_in_thread(publish, lambda: next(names, None))

    wait_until(lambda: published == ["1", "2"])
    assert [(record.message, record.job) for record in caplog.records] == [("background_job_failed", "publish catalog")]
