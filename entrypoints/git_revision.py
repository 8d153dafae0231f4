"""Code revision: the commit or the release of the program that trains."""

import subprocess
from pathlib import Path


def code_revision(declared: str) -> str:
    """Return `declared` if it is not empty, else the commit of the checkout, else the release, else `unknown`.

    A repository into which the program was installed is no checkout of it. `+dirty` is added if files differ from the
    commit.
    """
    if declared:
        return declared
    try:
        _git("ls-files", "--error-unmatch", Path(__file__).name)
        commit = _git("rev-parse", "--short=12", "HEAD")
        return f"{commit}+dirty" if _git("status", "--porcelain", "--untracked-files=no") else commit
    except (OSError, subprocess.SubprocessError):
        return release()


def _git(*words: str) -> str:
    # Without its optional locks, an interrupted git leaves none behind in the user's checkout.
    command = ["git", "--no-optional-locks", *words]
    folder = Path(__file__).parent
    finished = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=10, check=True)  # noqa: S603  # fixed words
    return finished.stdout.strip()


def release() -> str:
    """Return the version of the installed package, or `unknown`."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("endeavour")
    except PackageNotFoundError:
        return "unknown"
