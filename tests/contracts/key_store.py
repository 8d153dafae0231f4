"""Contract of a key store: held by files and memory."""

from datetime import timedelta

import pytest

from domain.access.api_key import ApiKey, KeyRing, Role, digest_of
from domain.access.errors import CorruptKeyFile, KeysUnavailable, UnknownKey
from tests.support.examples import NOON


def a_key(key_id: str, name: str = "me", roles=(Role.PREDICT,), second: int = 0) -> ApiKey:
    return ApiKey(key_id, name, digest_of(f"{key_id}.secret"), frozenset(roles), NOON + timedelta(seconds=second))


class KeyStoreContract:
    """Subclasses give four fixtures.

    `store`; `second`, another instance over the same place; `unreachable`, a store whose place cannot be reached; and
    `damage()`, a function that damages the ring of `store`.
    """

    def test_unreachable_store_is_unavailable_to_every_method(self, unreachable):
        for call in (unreachable.ring, lambda: unreachable.add(a_key("a1")), lambda: unreachable.revoke("a1")):
            with pytest.raises(KeysUnavailable):
                call()

    def test_damaged_ring_is_corrupt_and_is_not_replaced(self, store, second, damage):
        store.add(a_key("a1"))
        damage()

        for call in (second.ring, lambda: second.add(a_key("b2")), lambda: second.revoke("a1"), second.ring):
            with pytest.raises(CorruptKeyFile):
                call()

    def test_keys_are_listed_oldest_first(self, store, second):
        added = [a_key(f"k{number}", f"client-{number}.b_c", tuple(Role), second=number) for number in range(12)]

        for key in added:
            store.add(key)

        assert list(second.ring().keys) == added

    def test_revoked_key_is_recognized_no_more(self, store, second):
        store.add(a_key("a1"))
        before = store.ring()
        store.add(a_key("b2", second=1))

        assert store.revoke("a1") == a_key("a1")

        assert before.authenticate("a1.secret") == a_key("a1")
        assert second.ring().authenticate("a1.secret") is None
        assert second.ring().authenticate("b2.secret")
        store.revoke("b2")
        assert second.ring() == KeyRing()

    def test_unknown_key_is_not_revoked(self, store):
        for known in (None, KeyRing((a_key("a1"),))):
            for key_id in ("c3", "", "../a1", "a1.secret"):
                with pytest.raises(UnknownKey) as caught:
                    store.revoke(key_id)
                assert caught.value.key_id == key_id
            assert store.ring() == known
            if known is None:
                store.add(a_key("a1"))
