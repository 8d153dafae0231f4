import logging

import pytest

from adapters.memory.key_store import InMemoryKeyStore
from application.access.active_keys import ActiveKeys
from domain.access.api_key import ApiKey, KeyRing, Role, digest_of
from domain.access.errors import CorruptKeyFile, KeysUnavailable
from tests.support.examples import NOON

READ, NOT_READ = ("INFO", "keys_read"), ("ERROR", "keys_not_read")
KEY = ApiKey("a1", "me", digest_of("a1.secret"), frozenset({Role.PREDICT}), NOON)
PROBLEMS = (CorruptKeyFile("keys.json", "cut"), KeysUnavailable("keys.json", "input/output error"), None)


class FailingStore(InMemoryKeyStore):
    """A store that can fail, or lose its file."""

    gone = False

    def begin(self, problem):
        self.failure, self.gone = problem, problem is None

    def ring(self):
        return None if self.gone else super().ring()


@pytest.fixture
def store():
    return FailingStore()


@pytest.fixture
def logged(caplog):
    caplog.set_level(logging.DEBUG)
    return lambda: [(record.levelname, record.message) for record in caplog.records]


def test_refreshed_keys_are_the_stored_ones(store, logged):
    active = ActiveKeys(store, anonymous=True)

    active.refresh()
    assert active.ring is None
    store.add(KEY)
    active.refresh()
    active.refresh()
    assert active.ring.authenticate("a1.secret") == KEY
    store.revoke("a1")
    active.refresh()
    assert active.ring == KeyRing()
    assert logged() == [READ] * 2


def test_f08_last_keys_stay_during_a_problem_which_is_logged_once(logged, caplog):
    for problem in PROBLEMS:
        caplog.clear()
        store = FailingStore()
        active = ActiveKeys(store, anonymous=False)
        store.add(KEY)
        active.refresh()

        store.begin(problem)
        active.refresh()
        active.refresh()

        assert active.ring.authenticate("a1.secret") == KEY
        assert logged() == [READ, NOT_READ]
        store.failure, store.gone = None, False
        active.refresh()
        assert logged()[2:] == [READ]


def test_server_without_readable_keys_admits_no_client_unless_it_is_anonymous(store, logged):
    for problem, anonymous in (*((problem, False) for problem in PROBLEMS), (PROBLEMS[1], True)):
        active = ActiveKeys(store, anonymous=anonymous)
        store.begin(problem)
        active.refresh()
        assert active.ring == (None if anonymous else KeyRing())
    assert logged() == [NOT_READ] * 4
