"""The part of docs/benchmarks.md on the server, which is measured apart from the rest and left alone by it."""

from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- bench-serving: begin -->", "<!-- bench-serving: end -->"


def kept(text: str) -> str:
    """Return the part with its marks, as it stands at the end of `text`; nothing if it is not there."""
    begin, mark, rest = text.partition(f"\n{BEGIN}")
    del begin
    part, end, _ = rest.partition(END)
    return f"{mark}{part}{end}\n" if mark and end else ""


def replaced(text: str, part: str) -> str:
    """Return `text` with `part` in place of the former, or at the end if there was none."""
    former = kept(text)
    others = text.replace(former, "") if former else text
    return f"{others.rstrip()}\n\n{BEGIN}\n\n{part.strip()}\n\n{END}\n"
