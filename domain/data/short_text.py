"""Short text: the beginning of a text, with an ellipsis where it was cut between two words."""

from domain.data.quoting import without_control_characters

ELLIPSIS = "…"


def short_text(text: str, max_characters: int) -> str:
    """Return the text, or its first words with an ellipsis if it has more than `max_characters`.

    A single word is cut within.

    Examples
    --------
    >>> short_text("slow evaluations", 8), short_text("evaluations", 8), short_text("slow", 8)
    ('slow…', 'evaluat…', 'slow')
    """
    if len(text) <= max_characters:
        return text
    begin = text[:max_characters]
    words, _, _ = begin.rpartition(" ")
    return f"{(words or begin[:-1]).rstrip(' ,;:')}{ELLIPSIS}"


def short_plain_text(text: str, max_characters: int) -> str:
    """Return the short text of a text in which escapes stand for control characters."""
    return short_text(without_control_characters(text[: max_characters + 1]), max_characters)
