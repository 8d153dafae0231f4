"""Process: the time, and who runs a command."""

import getpass
import os
import socket
from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


def operator() -> str:
    """Return the user and the host of this process, as the ledger names them."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have a number only
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"
