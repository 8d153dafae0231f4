"""Prose check: lists the words in docstrings, comments, messages and pages that are not plain American English."""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

# Riddles, and verbs that code does not do: a component reads, returns, raises, writes, validates or logs.
RIDDLES = """whatever whoever whichever wherever nobody somebody everybody nowhere somewhere it-all be-it for-lack-of
in-vain of-old vouch\\w* believ\\w+ hear hears heard tell tells told say says said knows? forget\\w* forgot\\w*
mend mends mended"""
BRITISH = """\\w*(?:behaviou|colou|favou|neighbou|honou|labou)r\\w* licences? centred? learnt spelt misspelt whilst
judgements? artefacts? fulfil catalogues? defence grey analys(?:e|ed|es|ing) (?:cancel|label|model|travel)l(?:ed|ing)
(?:normal|optim|organ|initial|\\w*serial|recogn|summar|minim|maxim|standard|author|vector)is(?:e|es|ed|ing|ation)"""
LISTED = "|".join(f"{RIDDLES} {BRITISH}".split()).replace("-", " ")
WORDS = re.compile(rf"\b(?:{LISTED})\b", re.IGNORECASE)
# Files that are not read, and why.
ALLOWED = {"CHANGELOG.md": "it lists old names", ".ci/prose.py": "it has the lists"}


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line numbers and texts: comments and strings with a blank of a program, all lines of a page, no code."""
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield from enumerate(_without_code(source).splitlines(), 1)
        return
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], _without_code(token.string)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield from enumerate(_without_code(node.value).splitlines(), node.lineno)


def _without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "", text)


def main() -> str:
    """Return every finding, one a line."""
    files = subprocess.check_output(["git", "ls-files", "*.py", "*.md"], text=True).split()  # noqa: S607  # the developer's git
    return "\n".join(
        f"{name}:{number}: {match[0]!r} in: {line.strip()[:100]}"
        for name in files
        if name not in ALLOWED and Path(name).is_file()
        for number, line in texts(Path(name))
        for match in WORDS.finditer(line)
    )


if __name__ == "__main__":
    sys.exit(main() or None)
