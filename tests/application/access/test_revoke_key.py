import os

import pytest

from adapters.memory.key_store import InMemoryKeyStore
from application.access.issue_key import IssueKey
from application.access.revoke_key import RevokeKey
from domain.access.api_key import Role
from domain.access.errors import UnknownKey
from tests.support.examples import SteppingClock


def test_key_is_revoked_by_its_id_or_its_text_and_an_error_has_no_secret():
    store = InMemoryKeyStore()
    issue, revoke = IssueKey(store, SteppingClock(), os.urandom), RevokeKey(store)

    for given in (lambda issued: issued.text, lambda issued: issued.key.id):
        issued = issue("me", [Role.PREDICT])
        assert revoke(given(issued)) == issued.key
        assert store.ring().authenticate(issued.text) is None
    with pytest.raises(UnknownKey) as caught:
        revoke("abc.very-secret")
    assert (caught.value.key_id, "very-secret" in str(caught.value)) == ("abc", False)
