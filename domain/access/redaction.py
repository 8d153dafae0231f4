"""Redaction: removes the secrets of this process from texts of libraries and servers."""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date

MARK, WITHHELD = "…", "(withheld: it contains a secret)"
MIN_REPLACED_LENGTH = 4
"""Characters of a secret that is replaced, at least; a text that contains a shorter one as a word is withheld."""

# The name before the @ of `abfs://CONTAINER@ACCOUNT` is part of an address.
_USER_INFO = re.compile(r"(?<!\babfs:)//[^/\s]*@|//[^/\s@:]*:[^/\s]*@")
LABELED = re.compile(r"(?i)\b(password|passwd|token|secret|sslpassword)=[^&\s'\"]+")
_MAX_BACKSLASHES = 7
"""Backslashes of three nested escapes: each level doubles them and adds one."""
_ESCAPES = f"\\\\{{1,{_MAX_BACKSLASHES}}}"
_NAMED = {"\0": "0", "\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r"}
_RUNS = re.compile(r"\\+|[\x00-\x5b\x5d-\x7f]|[^\x00-\x7f]+")


class Redaction:
    """Replaces secrets in every spelling, and user names and passwords of all addresses.

    Parameters
    ----------
    secrets : iterable of str
        Passwords, tokens, and values derived from them, such as a header.
    users : iterable of str
        User names; those of at least `MIN_REPLACED_LENGTH` characters are replaced as whole words.
    """

    def __init__(self, secrets: Iterable[str] = (), users: Iterable[str] = ()) -> None:
        known = {form for secret in secrets for form in _read(secret) if form.strip()}
        long = {secret for secret in known if len(secret) >= MIN_REPLACED_LENGTH}
        names = {user for user in users if len(user) >= MIN_REPLACED_LENGTH} - long
        patterns = [(secret, _spelled(secret)) for secret in long] + [(user, _word(user)) for user in names]
        patterns.sort(key=lambda pattern: len(pattern[0]), reverse=True)
        self._long = _any_of([pattern for _, pattern in patterns])
        self._short = _any_of([_word(secret) for secret in known - long])

    def text(self, text: str) -> str:
        """Return `text` without secrets, in time proportional to its length; call it before a text is cut or split."""
        # Long secrets first, because the other patterns would cut a secret with a / or an @.
        text = LABELED.sub(rf"\1={MARK}", _USER_INFO.sub("//", self._long.sub(MARK, text)))
        return WITHHELD if self._short.search(text) else text

    def value(self, value: object) -> object:
        """Return numbers, times and None unchanged, lists and mappings redacted, and other values as redacted text."""
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
    """Return a pattern for `text` as a whole word."""
    before, after = (r"(?<!\w)" if text[0].isalnum() else ""), (r"(?!\w)" if text[-1].isalnum() else "")
    return before + _spelled(text) + after


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns) or r"(?!)")


def _spelled(text: str) -> str:
    r"""Return a regular expression for `text`, with each character as it is or in any encoding a message may use.

    The encodings are percent-encoding of UTF-8 and of Latin-1, `+` for a blank, the backslash escapes of Python and of
    JSON, character references of HTML, UTF-8 read as Latin-1, and the marks of a decoder that replaces. At most one way
    of reading a text goes on for long, so that a search takes time in proportion to the text.
    """
    pattern, after_backslash = "", True
    for run in _RUNS.findall(text):
        if run.startswith("\\"):
            pattern += f"(?:\\\\{{{len(run)},{8 * len(run)}}}|(?:%5[cC]){{{len(run)}}})"
        elif run.isascii() and run.isalnum():
            pattern += run
        else:
            escaped = "" if after_backslash else f"\\\\{{0,{_MAX_BACKSLASHES}}}"
            pattern += escaped + _run_of(run)
        after_backslash = run.startswith("\\")
    return pattern


def _run_of(run: str) -> str:
    """Return a pattern for one ASCII character, or for several that are not ASCII."""
    if run.isascii():
        return _character(run)
    first, *others = map(_character, run)
    between = f"\\\\{{0,{_MAX_BACKSLASHES}}}"
    return f"(?>{between.join([first, *others])}|\ufffd{{1,{4 * len(run)}}}+)"


def _character(character: str) -> str:
    """Return a pattern for one character without the backslashes before it."""
    code, octets = ord(character), character.encode("utf-8", "surrogateescape")
    units = character.encode("utf-16-be", "surrogatepass").hex()
    escapes = [f"U{code:08x}", _ESCAPES.join(f"u{units[at : at + 4]}" for at in range(0, len(units), 4))]
    encodings = {octets, character.encode("latin-1")} if character <= "\xff" else {octets}
    for encoded in encodings:
        escapes.append("".join(f"%{octet:02x}" for octet in encoded))
        escapes.append(_ESCAPES.join(f"x{octet:02x}" for octet in encoded))
        escapes.append(_ESCAPES.join(f"u00{octet:02x}" for octet in encoded))
    escapes += [re.escape(html.escape(character)), f"&#0*{code};", f"&#x0*{code:x};", _NAMED.get(character, "")]
    plain = [octets.decode("latin-1")] if len(octets) > 1 else []
    plain += [character, *([] if character.isascii() else "?"), *("+" if character == " " else "")]
    # Longest first: a shorter one may be the beginning of a longer one, and a run is not searched again.
    escapes = sorted({*escapes} - {"", re.escape(character)}, key=len, reverse=True)
    return f"(?:{'|'.join(map(re.escape, plain))}|(?i:{'|'.join(escapes)}))"
