"""Active sessions: begun with a valid key, read by every host with the secret, and ended by revoking the key."""

import logging
import os

import pytest

from adapters.files.session_secret import FileSessionSecret
from adapters.memory.key_store import InMemoryKeyStore
from application.access.active_keys import ActiveKeys
from application.access.active_sessions import ActiveSessions
from application.access.issue_key import IssueKey
from application.access.revoke_key import RevokeKey
from domain.access.api_key import Role
from tests.support.examples import SteppingClock


class Host:
    """The keys and the sessions of one server."""

    def __init__(self, store, secret):
        self.keys = ActiveKeys(store, anonymous=True)
        self.sessions = ActiveSessions(self.keys, secret, os.urandom(32), SteppingClock(), os.urandom)

    def refresh(self):
        self.keys.refresh()
        self.sessions.refresh()


@pytest.fixture
def keys():
    return InMemoryKeyStore()


@pytest.fixture
def secret(tmp_path):
    return FileSessionSecret(tmp_path / "console.secret")


@pytest.fixture
def hosts(keys, secret):
    return Host(keys, secret), Host(keys, secret)


@pytest.fixture
def key(keys):
    return IssueKey(keys, SteppingClock(), os.urandom)("night", [Role.OPERATE]).text


def refresh(hosts):
    for host in hosts:
        host.refresh()


def test_session_is_read_elsewhere_with_a_shared_secret_and_ends_with_its_key(hosts, keys, key, secret):
    refresh(hosts)
    one, other = hosts
    _, alone = one.sessions.begin(key)
    assert (other.sessions.find(alone), one.sessions.find(alone).key.name) == (None, "night")

    secret.make(b"\x01" * 32)
    refresh(hosts)
    session, cookie = one.sessions.begin(key)

    assert one.sessions.find(alone) is None
    assert other.sessions.find(cookie) == session
    assert other.sessions.is_proven(session, one.sessions.proof(session))
    RevokeKey(keys)(key)
    refresh(hosts)
    assert [host.sessions.find(cookie) for host in hosts] == [None, None]


def test_without_keys_or_with_a_wrong_one_there_is_no_session(hosts, key):
    one, other = hosts
    assert (one.sessions.begin(key), one.sessions.find("v1")) == (None, None)

    refresh(hosts)

    assert one.sessions.begin(f"{key}x") is None
    _, cookie = one.sessions.begin(key)
    assert other.sessions.find(f"{cookie}0") is None


def test_secret_that_cannot_be_read_any_more_stays_valid_and_is_logged_once(hosts, key, secret, tmp_path, caplog):
    secret.make(b"\x01" * 32)
    refresh(hosts)
    one, other = hosts
    _, cookie = one.sessions.begin(key)
    caplog.set_level(logging.ERROR)

    (tmp_path / "console.secret").write_text("damaged")
    for _ in range(3):
        other.refresh()

    assert other.sessions.find(cookie)
    assert [record.message for record in caplog.records] == ["session_secret_not_read"]
