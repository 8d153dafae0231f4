"""Secret of the console's sessions, in a file beside the keys."""

from pathlib import Path

from adapters.host.atomic_write import create_atomically, exclusive
from adapters.host.bounded_read import read_bounded
from adapters.host.disk_problem import disk_problem, disk_problems_as
from domain.access.errors import KeysUnavailable
from domain.access.session import SECRET_BYTES
from domain.ports import SessionSecretStore

MAX_BYTES = 1_024


class FileSessionSecret(SessionSecretStore):
    """Keeps the secret as hexadecimal digits, readable for its owner only.

    Parameters
    ----------
    path : Path
        The file; a link is followed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> bytes | None:
        """Return the secret in the file, None if there is no file."""
        try:
            return _secret(read_bounded(self._path, MAX_BYTES, follow_links=True))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise KeysUnavailable(f"the file {self._path}", disk_problem(error)) from error
        except ValueError as error:
            why = f"it does not hold {2 * SECRET_BYTES} hexadecimal digits"
            raise KeysUnavailable(f"the file {self._path}", why) from error

    def make(self, secret: bytes) -> None:
        """Write the file unless there is one."""
        with disk_problems_as(KeysUnavailable, f"the file {self._path}"), exclusive(self._path.parent):
            if not self._path.exists():
                create_atomically(self._path, secret.hex().encode() + b"\n")


def _secret(data: bytes) -> bytes:
    secret = bytes.fromhex(data.decode("ascii"))
    if len(secret) < SECRET_BYTES:
        raise ValueError("too short")
    return secret
