"""Redaction: removes the secrets of this process from text that a library or a server has written."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date

from domain.spellings import spelled

MARK, WITHHELD = "…", "(withheld: it contains a secret)"
MIN_REPLACED_LENGTH = 4
"""Characters of a secret that is replaced within a text; a text with a shorter one as a word is withheld."""

_USER_INFO = re.compile(r"//[^/\s]*@")
LABELED = re.compile(r"(?i)\b(password|passwd|token|secret|sslpassword)=[^&\s'\"]+")


class Redaction:
    """Replaces secrets in every spelling, and user names and passwords of all addresses.

    Parameters
    ----------
    secrets : iterable of str
        Passwords, tokens and what is made of them, such as the value of a header.
    users : iterable of str
        User names: replaced where they are whole words of `MIN_REPLACED_LENGTH` characters or more.
    """

    def __init__(self, secrets: Iterable[str] = (), users: Iterable[str] = ()) -> None:
        known = {form for secret in secrets for form in _read(secret) if form.strip()}
        long = {secret for secret in known if len(secret) >= MIN_REPLACED_LENGTH}
        names = {user for user in users if len(user) >= MIN_REPLACED_LENGTH} - long
        patterns = [(secret, spelled(secret)) for secret in long] + [(user, _word(user)) for user in names]
        patterns.sort(key=lambda pattern: len(pattern[0]), reverse=True)
        self._long = _any_of([pattern for _, pattern in patterns])
        self._short = _any_of([_word(secret) for secret in known - long])

    def text(self, text: str) -> str:
        """Return `text` without secrets, in time proportional to its length; cut and split it afterwards only."""
        # Long secrets first: what would be left of one that has a / or an @ is not found any more.
        text = LABELED.sub(rf"\1={MARK}", _USER_INFO.sub("//", self._long.sub(MARK, text)))
        return WITHHELD if self._short.search(text) else text

    def value(self, value: object) -> object:
        """Return numbers, times and None as they are, lists and mappings of redacted values, and all else as text."""
        if isinstance(value, Mapping):
            return {key: self.value(item) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(item) for item in value]
        return value if value is None or isinstance(value, int | float | date) else self.text(str(value))


def _read(secret: str) -> Iterator[str]:
    """Yield `secret` as it is, without blanks around it, and sent as Latin-1 and read as UTF-8."""
    yield from (secret, secret.strip())
    with suppress(UnicodeEncodeError):
        yield secret.encode("latin-1").decode("utf-8", "replace")


def _word(text: str) -> str:
    """Return a pattern for `text` where no letter or digit continues it."""
    before, after = (r"(?<!\w)" if text[0].isalnum() else ""), (r"(?!\w)" if text[-1].isalnum() else "")
    return before + spelled(text) + after


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns) or r"(?!)")
