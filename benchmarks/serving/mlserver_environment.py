"""MLServer in a virtual environment of its own, since it wants other versions of what this project uses."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / ".venv-mlserver"
REQUIREMENTS = Path(__file__).with_name("requirements-mlserver.txt")
# By its interpreter, since the program itself names the place that the environment was made at.
PROGRAM = (str(ENVIRONMENT / "bin" / "python"), str(ENVIRONMENT / "bin" / "mlserver"))
# Written when everything is installed.
DONE = ENVIRONMENT / "done"


class NotInstalled(Exception):
    """MLServer cannot be had on this machine."""


def mlserver_program() -> tuple[str, str]:
    """Return the words that run the program, installed first if need be; or raise `NotInstalled` saying why not."""
    if not (DONE.exists() and DONE.read_text() == REQUIREMENTS.read_text()):
        _run(sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT))
        pip = (str(ENVIRONMENT / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        _run(*pip, "--only-binary", ":all:", "--requirement", str(REQUIREMENTS))
        DONE.write_text(REQUIREMENTS.read_text())
    return PROGRAM


def pinned(package: str) -> str:
    """Return the version that is installed of a package."""
    pins = dict(line.split("==") for line in REQUIREMENTS.read_text().splitlines() if "==" in line)
    return pins[package]


def _run(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603  # our own words
    if done.returncode:
        raise NotInstalled((done.stderr.strip() or done.stdout.strip()).splitlines()[-1])
