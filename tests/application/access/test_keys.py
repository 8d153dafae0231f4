"""Issuing, revoking and refreshing keys, over a store in memory."""

import logging
import os

import pytest

from adapters.memory.key_store import InMemoryKeyStore
from application.access.active_keys import ActiveKeys
from application.access.issue_key import IssueKey
from application.access.revoke_key import RevokeKey
from domain.access.api_key import KeyRing, Role
from domain.access.errors import CorruptKeyFile, KeysUnavailable
from domain.errors import StoreRefusal
from tests.support.examples import SteppingClock

READ, NOT_READ = ("INFO", "keys_read"), ("ERROR", "keys_not_read")


class TroubledStore(InMemoryKeyStore):
    """A store that can fail, or lose everything."""

    problem: Exception | None = None
    gone = False

    def ring(self):
        if self.problem:
            raise self.problem
        return None if self.gone else super().ring()


@pytest.fixture
def store():
    return TroubledStore()


@pytest.fixture
def issue(store):
    return IssueKey(store, SteppingClock(), os.urandom)


@pytest.fixture
def reported(caplog):
    caplog.set_level(logging.DEBUG)
    return lambda: [
        (record.levelname, record.message) for record in caplog.records if record.message.startswith("keys")
    ]


def test_issued_key_opens_what_it_was_made_for_and_its_secret_is_neither_kept_nor_logged(issue, store, caplog):
    caplog.set_level(logging.DEBUG)

    issued = issue("me", [Role.PREDICT, Role.METRICS])

    secret = issued.text.partition(".")[2]
    logged = [str(vars(record)) for record in caplog.records]
    assert store.ring().authenticate(issued.text) == issued.key
    assert issued.key.roles == {Role.PREDICT, Role.METRICS}
    assert "key_issued" in str(logged)
    assert not any(secret in text for text in (repr(issued), repr(store.ring()), *logged))


def test_key_has_an_id_and_32_random_bytes_in_letters_that_need_no_escape(store):
    issue = IssueKey(
        store, SteppingClock(), lambda count: bytes(range(250, 250 + 6)) if count == 6 else b"\xfb" * count
    )

    issued = issue("me", [Role.PREDICT])

    key_id, _, secret = issued.text.partition(".")
    assert key_id == issued.key.id == "fafbfcfdfeff"
    assert secret == "-_v7" * 10 + "-_s"


def test_keys_of_a_client_differ(issue, store):
    texts = {issue("me", [Role.PREDICT]).text for _ in range(50)}

    assert len({text.partition(".")[0] for text in texts}) == len({text.partition(".")[2] for text in texts}) == 50
    assert len(store.ring().keys) == 50


@pytest.mark.parametrize("whole", [False, True])
def test_key_is_revoked_by_its_id_or_its_text(issue, store, whole):
    issued = issue("me", [Role.PREDICT])

    assert RevokeKey(store)(issued.text if whole else issued.key.id) == issued.key
    assert store.ring().authenticate(issued.text) is None
    with pytest.raises(StoreRefusal) as caught:
        RevokeKey(store)("abc.very-secret")
    assert "very-secret" not in str(caught.value)


def test_refreshed_keys_are_those_that_are_kept(issue, store, reported):
    live = ActiveKeys(store, anonymous=True)

    live.refresh()
    assert live.ring is None
    issued = issue("me", [Role.PREDICT])
    live.refresh()
    live.refresh()
    assert live.ring.authenticate(issued.text)
    RevokeKey(store)(issued.key.id)
    live.refresh()
    assert live.ring == KeyRing()

    assert reported() == [READ] * 2


PROBLEMS = [CorruptKeyFile("keys.json", "cut"), KeysUnavailable("keys.json", "input/output error"), None]


@pytest.mark.parametrize("problem", PROBLEMS, ids=["broken", "unavailable", "gone"])
def test_last_good_keys_are_kept_while_there_is_a_problem_which_is_reported_once(issue, store, reported, problem):
    live = ActiveKeys(store, anonymous=False)
    issued = issue("me", [Role.PREDICT])
    live.refresh()

    store.problem, store.gone = problem, problem is None
    live.refresh()
    live.refresh()

    assert live.ring.authenticate(issued.text)
    assert reported() == [READ, NOT_READ]

    store.problem, store.gone = None, False
    live.refresh()

    assert reported()[2:] == [READ]


@pytest.mark.parametrize("problem", PROBLEMS, ids=["broken", "unavailable", "gone"])
def test_server_that_requires_keys_and_has_never_read_one_opens_to_no_client(store, reported, problem):
    live = ActiveKeys(store, anonymous=False)
    store.problem, store.gone = problem, problem is None
    assert live.ring == KeyRing()

    live.refresh()

    assert live.ring == KeyRing()
    assert reported() == [NOT_READ]


def test_open_server_stays_open_when_it_cannot_read_whether_there_are_keys(store, reported):
    live = ActiveKeys(store, anonymous=True)
    store.problem = PROBLEMS[1]

    live.refresh()

    assert live.ring is None
    assert reported() == [NOT_READ]
