from datetime import timedelta

import pytest

from domain.access.api_key import DUMMY_KEY, MAX_KEY_LENGTH, ApiKey, KeyRing, Role, digest_of
from domain.errors import InvalidParameter
from tests.support.examples import NOON


def a_key(key_id="a1", text="a1.secret", **changes):
    fields = {"name": "me", "digest": digest_of(text), "roles": frozenset({Role.PREDICT}), "created": NOON}
    return ApiKey(key_id, **(fields | changes))


OTHER = a_key("b2", "b2.secret", name="other")


@pytest.fixture
def ring():
    return KeyRing().with_key(a_key()).with_key(OTHER)


def test_holder_of_a_key_is_found_by_its_whole_text_alone(ring):
    assert ring.authenticate("a1.secret") == a_key()
    assert ring.authenticate("b2.secret") == OTHER
    for text in (
        *("", ".", "a1", "a1.", "a1.secreT", "a1.secret ", " a1.secret", "A1.secret", "secret", ".secret"),
        *("a1.secret,a1.secret", "a1.secret.", "b2.secret2", "a1.b2.secret", "c3.secret", "none", "none.x"),
        *("a1.secret" + " " * 200, "a1." + "x" * 100_000, "ä.ö", "\xff\xfe", "a1.secret\0"),
    ):
        assert ring.authenticate(text) is None, text
        assert KeyRing().authenticate(text) is None, text


def test_text_longer_than_any_key_is_not_hashed_to_its_end():
    endless = "a1." + "x" * MAX_KEY_LENGTH

    assert KeyRing().with_key(a_key(text=endless)).authenticate(endless) is None


def test_unknown_id_is_compared_all_the_same(ring, mocker):
    compare = mocker.patch("hmac.compare_digest", autospec=True, return_value=False)

    ring.authenticate("c3.secret")

    compare.assert_called_once_with(digest_of("c3.secret"), DUMMY_KEY.digest)


def test_id_belongs_to_one_key(ring):
    with pytest.raises(InvalidParameter, match="a1"):
        ring.with_key(a_key(name="third"))


def test_keys_are_put_in_order_of_age():
    old, new = a_key("b2"), a_key("a1", created=NOON + timedelta(seconds=1))

    assert KeyRing.from_keys([new, old]).keys == (old, new)


def test_invalid_key_is_refused():
    for parameter, values in (
        ("key_id", ["", "a.b", "a b", "a,b", "ä", "x" * 33, "a\n"]),
        ("name", ["", ".a", "a b", "a\tb", "ä", "x" * 65, "a\n", "-a"]),
        ("roles", [frozenset()]),
        ("digest", [b"short"]),
    ):
        for value in values:
            with pytest.raises(InvalidParameter) as caught:
                a_key(**{parameter: value})
            assert caught.value.name == parameter.removeprefix("key_")


def test_digest_is_not_shown():
    assert "digest" not in repr(a_key())
