"""Whether the licences of locked requirements are among those allowed in `licences.toml`."""

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from email.message import Message
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

RULES = Path(__file__).with_name("licences.toml")
PIN = re.compile(r"^(?P<requirement>[A-Za-z0-9][^\\\n]*==[^\\\n]*?) *\\$", re.MULTILINE)
OSI = "License :: OSI Approved :: "


def locked(lock: str) -> Iterator[str]:
    """Yield the names of what `lock`, the text of a lock file, installs on this machine."""
    for pin in PIN.finditer(lock):
        requirement = Requirement(pin["requirement"])
        if requirement.marker is None or requirement.marker.evaluate():
            yield canonicalize_name(requirement.name)


def licences(metadata: Message, spellings: Mapping[str, str]) -> set[str]:
    """Return the SPDX names of all licences that a package names, in whichever of three ways it names them."""
    expression = metadata.get("License-Expression", "")
    if not expression:
        classifiers = [text.removeprefix(OSI) for text in metadata.get_all("Classifier", []) if text.startswith(OSI)]
        stated = classifiers or [metadata.get("License", "")]
        expression = " AND ".join(spellings.get(text, text) for text in stated)
    parts = re.split(r"[()]|\b(?:AND|OR)\b|\bWITH\s+\S+", expression)
    return {part.strip() for part in parts if part.strip()}


def findings(names: set[str], folders: Sequence[str], rules: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each package that is not installed in `folders` or whose licences are not all allowed."""
    installed = {canonicalize_name(found.name): found.metadata for found in distributions(path=list(folders))}
    for name in sorted(names - set(rules["considered"])):
        if name not in installed:
            yield f"{name}: is locked, and not installed where its licence could be read"
            continue
        stated = licences(installed[name], rules["spellings"])
        if not stated or not stated <= set(rules["allowed"]):
            yield f"{name}: {' AND '.join(sorted(stated)) or 'names no licence'}"


def main(words: Sequence[str]) -> int:
    """Print what is not allowed of the locks among `words`, read in the folders among them; return the exit code."""
    locks = [word for word in words if word.endswith(".txt")]
    folders = [word for word in words if word not in locks]
    names = {name for lock in locks for name in locked(Path(lock).read_text(encoding="utf-8"))}
    found = list(findings(names, folders, tomllib.loads(RULES.read_text(encoding="utf-8"))))
    sys.stdout.write("".join(f"{line}\n" for line in found) or f"the licences of {len(names)} packages are allowed\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
