"""Prose check: lists words in names, docstrings, comments, messages and pages that are not plain American English."""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

# Riddles, and verbs that code does not do: a component reads, returns, raises, writes, validates or logs.
RIDDLES = r"""whatever whoever whichever wherever nobody somebody everybody anybody nowhere somewhere it-all be-it
for-lack-of in-vain of-old vouch\w* believ\w+ hear hears heard tell tells told telling say says said saying unsaid
knows? forgets? forgetting forgot\w* mends? mended mending"""
BRITISH = r"""\w*(?:behaviou|colou|favou|neighbou|honou|labou)r\w* licences? centred? learnt spelt misspelt whilst
amongst towards judgements? artefacts? fulfils? catalogues? defence grey analys(?:e|ed|es|ing)
(?:cancel|label|model|travel|signal|channel)l(?:ed|ing)(?!\(\)) (?:normal|optim|organ|initial|\w*serial|recogn|summar|
minim|maxim|standard|author|vector|final|general|special|real|emphas|util|categor|random|synchron|custom|priorit)is(?:e|
es|ed|ing|ation)"""
LISTED = "|".join(re.sub(r"\|\n", "|", f"{RIDDLES} {BRITISH}").split()).replace("-", " ")
WORDS = re.compile(rf"\b(?:{LISTED})\b", re.IGNORECASE)
# A module is a thing, so its docstring begins with a noun.
CLAUSE = re.compile(r"(?:What|Where|Which|Who|How|Whether|From)\b")
# Files that are not read, and why.
ALLOWED = {"CHANGELOG.md": "it lists old names", ".ci/prose.py": "it has the lists", "LICENSE": "others wrote it"}
DATA = re.compile(r"requirements.*\.(?:txt|in)$|\.(?:csv|json|svg|png)$")


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line numbers and texts: names and prose of a program, all lines of another file; no `code`."""
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield from enumerate(_without_code(source).splitlines(), 1)
        return
    names: dict[str, int] = {}
    before = ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], _without_code(token.string)
        elif token.type == tokenize.NAME and before != ".":  # what is ours has its definition elsewhere
            names.setdefault(token.string, token.start[0])
        before = token.string
    for name, number in names.items():
        yield number, re.sub(r"_|(?<=[a-z])(?=[A-Z])", " ", name)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield from enumerate(_without_code(node.value).splitlines(), node.lineno)


def findings(path: Path) -> Iterator[str]:
    """Yield the findings in one file."""
    for number, text in texts(path):
        for match in WORDS.finditer(text):
            yield f"{path}:{number}: {match[0]!r} in: {text.strip()[:100]}"
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) if path.suffix == ".py" else None
    if docstring and (clause := CLAUSE.match(docstring)):
        yield f"{path}:1: {clause[0]!r} begins the module's docstring, which is a noun phrase"


def _without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "", text)


def main() -> str:
    """Return all findings, one a line."""
    files = subprocess.check_output(["git", "ls-files"], text=True).splitlines()  # noqa: S607  # the developer's git
    paths = [Path(name) for name in files if name not in ALLOWED and not DATA.search(name)]
    return "\n".join(finding for path in paths if path.is_file() for finding in findings(path))


if __name__ == "__main__":
    sys.exit(main() or None)
