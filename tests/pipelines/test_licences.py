"""Which licences of locked requirements are let through."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent.parent / "requirements" / "licences.py"
HASH = " \\\n    --hash=sha256:" + "0" * 64 + "\n"


@pytest.fixture
def audit(tmp_path):
    """A function that locks packages, installs them with these headers, and returns exit code and output."""

    def audit(installed, locked=None):
        for name, headers in installed.items():
            folder = tmp_path / "site" / f"{name}-1.0.dist-info"
            folder.mkdir(parents=True)
            (folder / "METADATA").write_text("\n".join(("Metadata-Version: 2.4", f"Name: {name}", *headers)) + "\n")
        lock = tmp_path / "lock.txt"
        lock.write_text("".join(f"{line}{HASH}" for line in locked or [f"{name}==1.0" for name in installed]))
        words = [sys.executable, SCRIPT, lock, tmp_path / "site"]
        done = subprocess.run(words, check=False, capture_output=True, text=True)
        return done.returncode, done.stdout

    return audit


@pytest.mark.parametrize(
    "headers",
    [
        ["License-Expression: MIT"],
        ["License-Expression: MPL-2.0 AND (Apache-2.0 OR MIT)"],
        ["License-Expression: Apache-2.0 WITH LLVM-exception"],
        ["Classifier: License :: OSI Approved :: MIT License"],
        ["License: BSD-3-Clause"],
    ],
)
def test_licences_that_are_allowed_pass_however_they_are_named(audit, headers):
    assert audit({"one": headers}) == (0, "the licences of 1 packages are allowed\n")


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        (["License-Expression: GPL-3.0-only"], "one: GPL-3.0-only\n"),
        (["License-Expression: MIT AND AGPL-3.0-or-later"], "one: AGPL-3.0-or-later AND MIT\n"),
        (
            ["License: MIT", "Classifier: License :: OSI Approved :: GNU Affero General Public License v3"],
            "one: GNU Affero General Public License v3\n",
        ),
        ([], "one: names no licence\n"),
    ],
)
def test_other_licences_are_named_with_their_package(audit, headers, said):
    assert audit({"one": headers}) == (1, said)


def test_what_is_not_installed_cannot_pass(audit):
    assert audit({}, ["one==1.0"]) == (1, "one: is locked, and not installed where its licence could be read\n")


def test_what_is_for_other_machines_is_left_out(audit):
    locked = ["one==1.0", "two==1.0 ; sys_platform == 'win32'", "three[extra]==1.0 ; python_full_version >= '3.11'"]

    code, said = audit({"one": ["License-Expression: MIT"], "three": ["License-Expression: GPL-2.0-only"]}, locked)

    assert (code, said) == (1, "three: GPL-2.0-only\n")
