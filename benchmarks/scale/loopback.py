"""Bytes that processes of one machine send each other; needs the standard library only."""

import fcntl
import shutil
import socket
import struct
import subprocess
from pathlib import Path

PRIVATE = ["unshare", "--map-root-user", "--net"]
SET_FLAGS, UP = 0x8914, 0x1  # SIOCSIFFLAGS and IFF_UP


def privately(command: list[str]) -> tuple[list[str], bool]:
    """Return the command in a network of its own, and whether the system permits one."""
    permitted = bool(shutil.which(PRIVATE[0])) and not subprocess.run([*PRIVATE, "true"], check=False).returncode
    return ([*PRIVATE, *command] if permitted else command), permitted


def raise_loopback() -> None:
    """Turn on the loopback device of a new network; do nothing where it is on."""
    if _line().split()[1] == "0":
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sh", b"lo", UP))


def loopback_bytes() -> int:
    """Return the bytes that passed the loopback device, each hop of a message counted once."""
    return int(_line().split()[1])


def _line() -> str:
    lines = Path("/proc/net/dev").read_text(encoding="ascii").splitlines()
    return next(line for line in lines if line.strip().startswith("lo:"))
