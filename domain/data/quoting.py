"""Quoting: names and texts of a table as messages show them, without characters that control a terminal."""

import re
import unicodedata

# Characters of a long name or text that a message repeats.
MAX_SHOWN_CHARACTERS = 60

# C0, DEL and C1 control characters, line and paragraph separators, overrides of the writing direction, and halves of a
# character, which bytes that are not UTF-8 become.
_INTERPRETED = r"\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069"
_CONTROL = re.compile(rf"[{_INTERPRETED}\ud800-\udfff]")

# Letters and a symbol that fonts draw as nothing: fillers of Hangul, and the empty pattern of Braille.
_BLANK = "\u115f\u1160\u3164\uffa0\u2800"

PLAIN_TEXT_PATTERN = f"^[^{_INTERPRETED}]*$"
"""Regular expression of JSON Schema, which has no halves of characters, for what `has_control_character` is false."""


def has_control_character(text: str) -> bool:
    """Return whether `text` has a character that a terminal interprets, or cannot print."""
    return _CONTROL.search(text) is not None


def has_visible_character(text: str) -> bool:
    """Return whether `text` has a letter, digit, punctuation or symbol that leaves ink.

    Examples
    --------
    >>> has_visible_character("ok"), has_visible_character(" \\u200b\\u3164")
    (True, False)
    """
    return any(unicodedata.category(each)[0] in "LNPS" and each not in _BLANK for each in text)


def without_control_characters(text: str) -> str:
    """Return a text in which escapes such as '\\x1b' stand for control characters."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def quoted(text: str) -> str:
    """Return the beginning of a text between quotes, with control characters escaped.

    Examples
    --------
    >>> print(quoted("size"), quoted("it's"))
    'size' "it's"
    """
    escaped = without_control_characters(text[: MAX_SHOWN_CHARACTERS + 1])
    if len(escaped) > MAX_SHOWN_CHARACTERS:
        escaped = f"{escaped[:MAX_SHOWN_CHARACTERS]}…"
    return f'"{escaped}"' if "'" in escaped else f"'{escaped}'"


def quoted_name(name: str) -> str:
    """Return a name as a list of names on the command line takes it.

    Examples
    --------
    >>> print(quoted_name("size"), quoted_name("area, m2"))
    'size' '"area, m2"'
    """
    in_list = name.replace('"', '""')
    return quoted(f'"{in_list}"') if "," in name or '"' in name else quoted(name)
