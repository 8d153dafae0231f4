"""Sessions: which cookies are read, by whom, and for how long."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.api_key import ApiKey, KeyRing, Role, digest_of
from domain.access.session import MAX_AHEAD_SECONDS, SECONDS, Session, SessionSigner
from domain.errors import InvalidParameter
from tests.support.examples import NOON

KEY = ApiKey("ops-2", "night", digest_of("ops-2.secret"), frozenset({Role.OPERATE}), NOON)
SESSION, RING = Session(KEY, "9f" * 16), KeyRing((KEY,))
SIGNER = SessionSigner(b"k" * 32)
COOKIE = SIGNER.cookie(SESSION, NOON)


def test_cookie_is_read_until_it_ends_by_every_host_with_the_secret():
    elsewhere = SessionSigner(b"k" * 32)

    for seconds, session in (
        (-MAX_AHEAD_SECONDS - 1, None),
        (-MAX_AHEAD_SECONDS, SESSION),
        (0, SESSION),
        (SECONDS - 1, SESSION),
        (SECONDS, None),
    ):
        assert elsewhere.session(COOKIE, RING, NOON + timedelta(seconds=seconds)) == session, seconds


def test_cookie_ends_with_its_key_also_if_the_id_is_given_to_another():
    other = ApiKey("ops-2", "night", digest_of("ops-2.other"), KEY.roles, NOON)

    assert SIGNER.session(COOKIE, RING.without_key("ops-2"), NOON) is None
    assert SIGNER.session(COOKIE, KeyRing((other,)), NOON) is None


def test_cookie_takes_both_the_secret_and_the_digest():
    assert SessionSigner(b"x" * 32).session(COOKIE, RING, NOON) is None
    with pytest.raises(InvalidParameter):
        SessionSigner(b"short")
    assert "kkkk" not in repr(SIGNER)


@given(st.integers(0, len(COOKIE) - 1), st.characters() | st.sampled_from(".0f"))
def test_cookie_with_one_other_character_is_refused(place, character):
    changed = COOKIE[:place] + character + COOKIE[place + 1 :]

    assert (SIGNER.session(changed, RING, NOON) is None) == (changed != COOKIE)


@given(st.text() | st.lists(st.text("v1.0f-_\n", max_size=70), max_size=6).map(".".join))
def test_text_that_is_no_cookie_is_refused(text):
    assert SIGNER.session(text, RING, NOON) is None


def test_parts_of_two_cookies_make_no_third():
    later = SIGNER.cookie(Session(KEY, "0a" * 16), NOON + timedelta(hours=1)).split(".")

    for part in range(1, 5):
        mixed = COOKIE.split(".")
        if mixed[part] != later[part]:
            mixed[part] = later[part]
            assert SIGNER.session(".".join(mixed), RING, NOON) is None, part


def test_proof_is_of_one_session_and_is_not_in_its_cookie():
    proof = SIGNER.proof(SESSION)

    assert SIGNER.is_proven(SESSION, proof)
    assert proof not in COOKIE
    for presented in ("", proof[:-1], proof.upper(), "ä", "\ud800", COOKIE, SIGNER.proof(Session(KEY, "0a" * 16))):
        assert not SIGNER.is_proven(SESSION, presented), presented
    assert not SessionSigner(b"x" * 32).is_proven(SESSION, proof)
