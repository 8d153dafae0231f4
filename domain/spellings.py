"""Spellings of a text: a pattern that finds the same characters in messages, URLs, JSON, HTML and other encodings."""

import html
import re

_MAX_BACKSLASHES = 7
"""Of an escape within an escape within an escape: each level writes two for one, and adds one."""
_ESCAPES = f"\\\\{{1,{_MAX_BACKSLASHES}}}"
_NAMED = {"\0": "0", "\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r"}
_RUNS = re.compile(r"\\+|[\x00-\x5b\x5d-\x7f]|[^\x00-\x7f]+")


def spelled(text: str) -> str:
    r"""Return a regular expression for `text`, with each character as it is or in any encoding a message may use.

    The encodings are percent-encoding of UTF-8 and of Latin-1, `+` for a blank, the backslash escapes of Python and of
    JSON, character references of HTML, UTF-8 read as Latin-1, and the marks of a decoder that replaces. At most one way
    of reading a text goes on for long, so that a search takes time in proportion to the text.

    >>> pattern = spelled("a b\\")
    >>> [bool(re.fullmatch(pattern, form)) for form in ("a b\\", "a%20b%5C", "a+b%5c", r"a b\\", "ab")]
    [True, True, True, True, False]
    """
    pattern, after_backslash = "", True
    for run in _RUNS.findall(text):
        if run.startswith("\\"):
            pattern += f"(?:\\\\{{{len(run)},{8 * len(run)}}}|(?:%5[cC]){{{len(run)}}})"
        elif run.isascii() and run.isalnum():
            pattern += run
        else:
            escaped = "" if after_backslash else f"\\\\{{0,{_MAX_BACKSLASHES}}}"
            pattern += escaped + _any_of(run)
        after_backslash = run.startswith("\\")
    return pattern


def _any_of(run: str) -> str:
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
