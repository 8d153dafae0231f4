from datetime import UTC, datetime, timedelta

import pytest

from domain.api_key import LONGEST, NOBODY, ApiKey, KeyRing, Role, digest_of
from domain.errors import BadSetting, TooManyKeys, UnknownKey
from tests.examples import NOON


def a_key(key_id="a1", name="me", text="a1.secret", roles=(Role.PREDICT,), created=NOON):
    return ApiKey(key_id, name, digest_of(text), frozenset(roles), created)


@pytest.fixture
def ring():
    return KeyRing().adding(a_key()).adding(a_key("b2", "other", "b2.secret"))


def test_holder_of_a_key_is_found_by_its_whole_text(ring):
    assert ring.holder("a1.secret") == a_key()
    assert ring.holder("b2.secret").name == "other"


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", "a1", "a1.", "a1.secreT", "a1.secret ", " a1.secret", "A1.secret", "secret", ".secret"),
        *("a1.secret,a1.secret", "a1.secret.", "b2.secret2", "a1.b2.secret", "c3.secret", "nobody", "nobody.x"),
        *("a1.secret" + " " * 200, "a1." + "x" * 100_000, "ä.ö", "\xff\xfe", "a1.secret\0"),
    ],
)
def test_anything_else_is_nobodys(ring, text):
    assert ring.holder(text) is None
    assert KeyRing().holder(text) is None


def test_text_longer_than_any_key_is_not_hashed_to_its_end():
    endless = "a1." + "x" * LONGEST

    assert KeyRing().adding(a_key(text=endless)).holder(endless) is None


def test_unknown_id_is_compared_all_the_same(ring, mocker):
    compare = mocker.patch("hmac.compare_digest", autospec=True, return_value=False)

    ring.holder("c3.secret")

    compare.assert_called_once_with(digest_of("c3.secret"), NOBODY.digest)


def test_client_may_have_two_keys_and_no_third(ring):
    two = ring.adding(a_key("c3"))

    with pytest.raises(TooManyKeys) as caught:
        two.adding(a_key("d4"))

    assert (caught.value.name, caught.value.present) == ("me", ("a1", "c3"))
    assert two.without("a1").adding(a_key("d4"))


def test_ring_without_a_key_has_the_others(ring):
    assert ring.without("a1").keys == (a_key("b2", "other", "b2.secret"),)
    assert ring.without("a1").holder("a1.secret") is None

    with pytest.raises(UnknownKey, match="c3"):
        ring.without("c3")


def test_id_belongs_to_one_key(ring):
    with pytest.raises(BadSetting, match="a1"):
        ring.adding(a_key("a1", "third"))


def test_keys_are_put_in_order_of_age():
    old, new = a_key("b2", created=NOON), a_key("a1", created=NOON + timedelta(seconds=1))

    assert KeyRing.of([new, old]).keys == (old, new)


@pytest.mark.parametrize("key_id", ["", "a.b", "a b", "a,b", "ä", "x" * 33, "a\n"])
def test_id_that_could_do_harm_is_refused(key_id):
    with pytest.raises(BadSetting, match="id"):
        a_key(key_id)


@pytest.mark.parametrize("name", ["", ".a", "a b", "a\tb", "ä", "x" * 65, "a\n", "-a"])
def test_name_that_could_do_harm_is_refused(name):
    with pytest.raises(BadSetting, match="name"):
        a_key(name=name)


def test_key_that_opens_nothing_is_refused():
    with pytest.raises(BadSetting, match="roles"):
        a_key(roles=())


def test_digest_of_another_length_is_refused():
    with pytest.raises(BadSetting, match="32 bytes"):
        ApiKey("a1", "me", b"short", frozenset(Role), datetime.now(UTC))


def test_digest_is_not_shown():
    assert "digest" not in repr(a_key())
