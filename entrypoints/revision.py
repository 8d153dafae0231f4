"""Which commit of the program this is."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent


def code_revision(declared: str) -> str:
    """Return `declared` if it is not empty, else the commit of the checkout, else `unknown`.

    `+dirty` is added where files differ from the commit.
    """
    if declared:
        return declared
    try:
        commit = _git("rev-parse", "--short=12", "HEAD")
        return f"{commit}+dirty" if _git("status", "--porcelain", "--untracked-files=no") else commit
    except (OSError, subprocess.SubprocessError):
        return "unknown"


def _git(*words: str) -> str:
    # Without its optional locks, an interrupted git leaves none behind in the user's checkout.
    command = ["git", "--no-optional-locks", *words]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=10, check=True)  # noqa: S603  # fixed words
    return finished.stdout.strip()
