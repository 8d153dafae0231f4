import logging
import os

from adapters.memory.key_store import InMemoryKeyStore
from application.access.issue_key import IssueKey
from domain.access.api_key import Role
from tests.support.examples import SteppingClock


def test_issued_key_has_its_roles_and_its_secret_is_neither_stored_nor_logged(caplog):
    caplog.set_level(logging.DEBUG)
    store = InMemoryKeyStore()

    issued = IssueKey(store, SteppingClock(), os.urandom)("me", [Role.PREDICT, Role.METRICS])

    secret = issued.text.partition(".")[2]
    logged = [str(vars(record)) for record in caplog.records]
    assert store.ring().authenticate(issued.text) == issued.key
    assert issued.key.roles == {Role.PREDICT, Role.METRICS}
    assert "key_issued" in str(logged)
    assert not any(secret in text for text in (repr(issued), repr(store.ring()), *logged))


def test_key_has_an_id_and_32_random_bytes_in_letters_that_need_no_escape():
    drawn = {6: bytes(range(250, 256)), 32: b"\xfb" * 32}

    issued = IssueKey(InMemoryKeyStore(), SteppingClock(), drawn.__getitem__)("me", [Role.PREDICT])

    assert issued.text == f"{issued.key.id}.{'-_v7' * 10}-_s"
    assert issued.key.id == "fafbfcfdfeff"
