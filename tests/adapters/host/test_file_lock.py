import subprocess
import sys

import pytest

from adapters.host.file_lock import lock

HOLDER = """
import sys
from pathlib import Path
from adapters.host.file_lock import lock
with lock(Path(sys.argv[1]), 1.0):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_lock_held_by_another_process_is_waited_for_only_so_long(tmp_path):
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"

        with pytest.raises(OSError, match="another process holds"), lock(tmp_path / "lock", 0.1):
            pass

        holder.stdin.close()
        with lock(tmp_path / "lock", 30.0):
            assert holder.wait(30) == 0
