"""Prose: sentences of the domain with their words of code marked up."""

from itertools import cycle

from markupsafe import Markup

CODE, TEXT = Markup("<code>{}</code>"), Markup("{}")


def prose(text: str) -> Markup:
    """Return the escaped text with the parts between backticks as code.

    Examples
    --------
    >>> print(prose("run `endeavour doctor` & wait"))
    run <code>endeavour doctor</code> &amp; wait
    """
    parts = zip(cycle((TEXT, CODE)), text.split("`"), strict=False)
    return Markup().join(form.format(part) for form, part in parts)
