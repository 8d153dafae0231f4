"""Real PostgreSQL server for one test module, on a free port."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support.program import free_port, wait_until


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start a server without durability, yield the SQLAlchemy address of its database, and end it."""
    programs = _programs()
    with tempfile.TemporaryDirectory(prefix="endeavour-postgres-", ignore_cleanup_errors=True) as folder:
        data, port, owner = Path(folder, "data"), free_port(), _owner(folder)
        make = [programs / "initdb", "-D", data, "--username=mlflow", "--auth=trust", "--no-sync", "--encoding=UTF8"]
        subprocess.run(make, check=True, stdout=subprocess.DEVNULL, cwd=folder, **owner)
        settings = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "full_page_writes=off")
        serve = [programs / "postgres", "-D", data, "-p", str(port), *(f"--{setting}" for setting in settings)]
        with Path(folder, "log").open("wb") as log:
            process = subprocess.Popen(serve, stdout=log, stderr=log, cwd=folder, **owner)
        try:
            wait_until(lambda: _answers(f"postgresql://mlflow@127.0.0.1:{port}/postgres"))
            yield f"postgresql+psycopg://mlflow@127.0.0.1:{port}/postgres"
        finally:
            process.send_signal(signal.SIGQUIT)  # ends at once, because no data are kept
            process.wait(30)


def _programs() -> Path:
    on_the_path = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not on_the_path and not debian:
        if os.environ.get("CI"):
            pytest.fail("CI must have postgresql")
        pytest.skip("postgresql is not installed; CI has it")
    return Path(on_the_path).parent if on_the_path else debian[-1]


def _owner(folder: str) -> dict[str, Any]:
    """Return the user of the server: PostgreSQL refuses root, so that its own user gets the folder."""
    if os.geteuid():
        return {}
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _answers(place: str) -> bool:
    try:
        psycopg.connect(place).close()
    except psycopg.OperationalError:
        return False
    return True
