"""Contract of a key store: held by files and memory."""

from datetime import timedelta

import pytest

from domain.access.api_key import ApiKey, KeyRing, Role, digest_of
from domain.access.errors import CorruptKeyFile, KeysUnavailable
from domain.errors import StoreRefusal
from domain.ports import KeyStore
from tests.support.examples import NOON


def a_key(key_id: str, name: str = "me", roles=(Role.PREDICT,), second: int = 0) -> ApiKey:
    return ApiKey(key_id, name, digest_of(f"{key_id}.secret"), frozenset(roles), NOON + timedelta(seconds=second))


class KeyStoreContract:
    """Subclasses give four fixtures.

    `store`; `second`, another instance over the same place; `unreachable`, a store whose place cannot be reached; and
    `damage()`, a function that damages the ring of `store`.
    """

    @pytest.fixture
    def store(self) -> KeyStore:
        raise NotImplementedError

    @pytest.fixture
    def second(self, store) -> KeyStore:
        raise NotImplementedError

    def test_new_store_has_no_ring(self, store):
        assert store.ring() is None

    def test_unreachable_store_is_unavailable_to_every_method(self, unreachable):
        calls = {
            "ring": unreachable.ring,
            "add": lambda: unreachable.add(a_key("a1")),
            "revoke": lambda: unreachable.revoke("a1"),
        }

        for name, call in calls.items():
            with pytest.raises(KeysUnavailable):
                pytest.fail(f"{name} returned {call()}")

    def test_damaged_ring_is_corrupt_and_is_not_replaced(self, store, second, damage):
        store.add(a_key("a1"))
        damage()

        for call in (second.ring, lambda: second.add(a_key("b2")), lambda: second.revoke("a1"), second.ring):
            with pytest.raises(CorruptKeyFile):
                call()

    def test_added_key_is_recognized(self, store, second):
        key = a_key("a1", "client-1.b_c", tuple(Role))

        store.add(key)

        assert second.ring() == KeyRing((key,))
        assert second.ring().authenticate("a1.secret") == key

    def test_keys_are_told_oldest_first(self, store, second):
        added = [a_key(f"k{number}", f"client{number}", second=number) for number in range(12)]

        for key in added:
            store.add(key)

        assert list(second.ring().keys) == added

    def test_revoked_key_is_recognized_no_more(self, store, second):
        store.add(a_key("a1"))
        store.add(a_key("b2", second=1))
        assert second.ring().authenticate("a1.secret")

        revoked = store.revoke("a1")

        assert revoked == a_key("a1")
        assert second.ring().authenticate("a1.secret") is None
        assert second.ring().authenticate("b2.secret")

    def test_ring_without_the_last_key_opens_to_nobody(self, store, second):
        store.add(a_key("a1"))
        store.revoke("a1")

        assert second.ring() == KeyRing()

    @pytest.mark.parametrize("key_id", ["c3", "", "../a1", "a1.secret"])
    def test_unknown_key_is_not_revoked(self, store, key_id):
        store.add(a_key("a1"))

        with pytest.raises(StoreRefusal):
            store.revoke(key_id)

        assert len(store.ring().keys) == 1

    def test_nothing_is_revoked_where_nothing_is(self, store):
        with pytest.raises(StoreRefusal):
            store.revoke("a1")

        assert store.ring() is None

    def test_ring_that_was_read_does_not_change(self, store):
        store.add(a_key("a1"))
        before = store.ring()

        store.add(a_key("b2", second=1))

        assert len(before.keys) == 1
