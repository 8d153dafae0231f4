"""Documents: headings, paragraphs, lists, tables, code and pictures, as Markdown and as one HTML file without scripts.

All texts are plain; both writers escape what they would interpret.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

Row = Sequence[str]

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:50em;margin:2em auto;padding:0 1em;color:#1f2933}"
    "table{border-collapse:collapse;margin:1em 0}th,td{border:1px solid #d5dae1;padding:.3em .6em;text-align:left;"
    "overflow-wrap:anywhere}pre{background:#f4f6f8;padding:.8em;overflow-x:auto}img{max-width:100%}"
)
# No script, no address: only the style and the pictures of the file itself.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


@dataclass(frozen=True, slots=True)
class Heading:
    """Title of the document at level 1, of a section at level 2."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """Sentences, each with a bullet."""

    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells below a header."""

    header: Row
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Code:
    """Lines to copy."""

    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG image at a path relative to the document."""

    path: str
    description: str


Block = Heading | Paragraph | Items | Table | Code | Picture


def to_markdown(blocks: Iterable[Block]) -> str:
    """Return the document in GitHub's Markdown."""
    return "\n\n".join(map(_markdown, blocks)) + "\n"


def to_html(blocks: Sequence[Block], pictures: Mapping[str, bytes]) -> str:
    """Return the document as HTML, with the PNG images of `pictures` by their paths."""
    title = next((block.text for block in blocks if isinstance(block, Heading)), "")
    body = "\n".join(_html(block, pictures) for block in blocks)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _markdown(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {_escaped(block.text)}"
        case Paragraph():
            return _escaped(block.text)
        case Items():
            return "\n".join(f"- {_escaped(text)}" for text in block.texts)
        case Table():
            rows = (block.header, ["---"] * len(block.header), *(map(_escaped, row) for row in block.rows))
            return "\n".join(f"| {' | '.join(row)} |" for row in rows)
        case Code():
            fence = "`" * max(3, 1 + max(map(len, re.findall("`+", block.text)), default=0))
            return f"{fence}\n{block.text}\n{fence}"
    return f"![{_escaped(block.description)}]({block.path})"


def _html(block: Block, pictures: Mapping[str, bytes]) -> str:
    match block:
        case Heading():
            return f"<h{block.level}>{escape(block.text)}</h{block.level}>"
        case Paragraph():
            return f"<p>{escape(block.text)}</p>"
        case Items():
            return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in block.texts)}</ul>"
        case Table():
            header, *rows = (
                "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row)
                for tag, row in (("th", block.header), *(("td", row) for row in block.rows))
            )
            return f"<table><tr>{header}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"
        case Code():
            return f"<pre><code>{escape(block.text)}</code></pre>"
    data = b64encode(pictures[block.path]).decode()
    return f'<img alt="{escape(block.description)}" src="data:image/png;base64,{data}">'


def _escaped(text: str) -> str:
    r"""Return `text` in one line, with what Markdown would interpret escaped.

    Examples
    --------
    >>> _escaped("a|b\n<i>")
    'a\\|b \\<i\\>'
    """
    return re.sub(r"(?=[\\`*_{}\[\]<>|#&~$!])", r"\\", " ".join(text.split()))
