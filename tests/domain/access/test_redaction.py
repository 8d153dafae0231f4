import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.access.redaction import MARK, WITHHELD, Redaction


def spellings(secret):
    """Yield the spellings of `secret` in messages of libraries and servers."""
    octets = secret.encode()
    yield from (secret, repr(secret), ascii(secret), repr(repr(secret)), repr(octets), repr(ValueError(repr(octets))))
    yield from (json.dumps(secret), json.dumps(secret, ensure_ascii=False), json.dumps(json.dumps(secret)))
    yield from (quote(secret), quote(secret, safe=""), quote_plus(secret), html.escape(secret))
    yield from (octets.decode("latin-1"), octets.decode("ascii", "replace"), secret.encode("ascii", "replace").decode())
    yield secret.encode("ascii", "xmlcharrefreplace").decode()
    if all(character <= "\xff" for character in secret):
        octets = secret.encode("latin-1")
        yield from (repr(octets), quote(octets), octets.decode("utf-8", "replace"))


@settings(max_examples=150, deadline=None)
@given(st.text(min_size=4).filter(lambda secret: len(secret.strip()) >= 4))
def test_secret_is_removed_in_every_spelling(secret):
    redaction = Redaction([secret])

    for spelling in spellings(secret):
        shown = redaction.text(f"<{spelling}>")
        # At most quotes, a prefix such as `b` or the name of an exception is left of it.
        assert shown == WITHHELD or (MARK in shown and len(shown) < 40), spelling


def test_secret_at_a_limit_or_beside_another_is_removed_whole():
    redaction = Redaction(["s3cret", "s3cret-and-more", "and\nover"])

    assert redaction.text("xs3cret-and-morex s3crets3cret") == f"x{MARK}x {MARK}{MARK}"
    assert redaction.text("and\nover, and\\nover") == f"{MARK}, {MARK}"


def test_text_with_a_short_secret_as_a_word_is_withheld():
    for text, shown in (
        ("the password abc is wrong", WITHHELD),
        ("//me:abc@host", "//host"),
        ("b'abc\\n'", WITHHELD),
        ("abcdef and xabc", "abcdef and xabc"),
    ):
        assert Redaction(["abc"]).text(text) == shown


def test_user_is_removed_as_a_word_of_four_characters_or_more():
    assert Redaction(users=["admin", "ada"]).text("admin of administration, metadata") == (
        f"{MARK} of administration, metadata"
    )


def test_addresses_lose_unknown_users_and_passwords():
    for text, shown in (
        ("postgresql://u:p%40ss@db:5432/x", "postgresql://db:5432/x"),
        ("http://user@host/", "http://host/"),
        ("http://host/a@b", "http://host/a@b"),
        ("abfs://tables@account.dfs.core.windows.net/t.csv", "abfs://tables@account.dfs.core.windows.net/t.csv"),
        ("abfs://me:abc@account/t.csv", "abfs://account/t.csv"),
        ("postgresql://db/x?password=s3cret&sslmode=on", "postgresql://db/x?password=…&sslmode=on"),
    ):
        assert Redaction().text(text) == shown


def test_values_keep_numbers_and_lose_secrets_at_every_depth():
    value = {"a": ["s3cret", 1, None], "b": {"c": ValueError("s3cret")}, "d": 2.5, "e": True}

    assert Redaction(["s3cret"]).value(value) == {"a": [MARK, 1, None], "b": {"c": MARK}, "d": 2.5, "e": True}


@pytest.mark.slow
def test_search_takes_linear_time_for_every_secret():
    for part in ("\\", "\n\\", "%25", "%2525", "&amp;", "é", "?é", "\ufffd", "?\ufffd", "Ã\x83", " +", "\\x5c"):
        redaction = Redaction([f"{part * 25}x"])

        for spelling in spellings(part * 25):
            text = spelling * (10_000 // len(spelling))
            assert redaction.text(text) == text
