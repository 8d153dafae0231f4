"""Prose: sentences of the domain with their words of code marked up; the last ones are kept, as they recur."""

from functools import lru_cache
from itertools import cycle

from markupsafe import Markup

from entrypoints.web.console.numerals import numbers_in

# Characters that end a sentence.
ENDS = ".!?:…"
KEPT = 256
CODE, TEXT = Markup("<code>{}</code>"), Markup("{}")


@lru_cache(KEPT)
def prose(text: str) -> Markup:
    """Return the escaped text with the parts between backticks as code, and numbers as pages show them.

    Examples
    --------
    >>> print(prose("run `endeavour doctor` & wait"))
    run <code>endeavour doctor</code> &amp; wait
    """
    parts = zip(cycle((TEXT, CODE)), text.split("`"), strict=False)
    return Markup().join(form.format(numbers_in(part) if form is TEXT else part) for form, part in parts)


@lru_cache(KEPT)
def sentence(text: str) -> Markup:
    """Return `prose` of a text with a capital letter and a period.

    >>> print(sentence("the registry does not answer"))
    The registry does not answer.
    """
    return prose(f"{text[:1].upper()}{text[1:]}{'' if not text or text[-1] in ENDS else '.'}")
