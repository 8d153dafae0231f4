"""Servers in virtual environments of their own: what is measured is what they are installed with, and no more."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


class NotInstalled(Exception):
    """A server cannot be had on this machine."""


@dataclass(frozen=True, slots=True)
class VirtualEnvironment:
    """A folder that is filled when it is first asked for, and again when its requirements change.

    Parameters
    ----------
    folder, requirements : Path
    project : Path, optional
        Whose code runs in it, without a copy.
    """

    folder: Path
    requirements: Path
    project: Path | None = None

    @property
    def python(self) -> str:
        """Its interpreter; raises `NotInstalled` saying why there is none."""
        interpreter, done = str(self.folder / "bin" / "python"), self.folder / "done"
        if not (done.exists() and done.read_text() == self.requirements.read_text()):
            _run(sys.executable, "-m", "venv", "--clear", str(self.folder))
            pip = (interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
            _run(*pip, "--only-binary", ":all:", "--require-hashes", "--requirement", str(self.requirements))
            if self.project:
                _run(*pip, "--no-deps", "--no-build-isolation", "--editable", str(self.project))
            done.write_text(self.requirements.read_text())
        return interpreter

    def pinned(self, package: str) -> str:
        """Return the version of a package."""
        lines = self.requirements.read_text().splitlines()
        pins = dict(line.split()[0].split("==") for line in lines if "==" in line)
        return pins[package]


# It needs other versions of what this project uses.
MLSERVER = VirtualEnvironment(ROOT / ".venv-mlserver", Path(__file__).with_name("requirements-mlserver.txt"))
# What a host that only serves has: training brings packages that some of these import where they find them.
SERVING = VirtualEnvironment(ROOT / ".venv-serve", ROOT / "requirements" / "serve.txt", ROOT)


def _run(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603  # our own words
    if done.returncode:
        raise NotInstalled((done.stderr.strip() or done.stdout.strip()).splitlines()[-1])
