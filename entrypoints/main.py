"""Program `endeavour`: handles signals before a heavy library is imported."""

import gc
import io
import os
import sys

from entrypoints import signals

# Python processes that start from here, such as the registry sync, import no module of the current folder.
os.environ["PYTHONSAFEPATH"] = "1"


def main() -> None:
    """Run the command line and exit; a signal ends it without output at any moment, also during an import."""
    os.umask(0o077)  # only the owner may read rows, models and runs
    signals.exit_on_termination()
    gc.disable()  # until the modules of the command are imported, which leaves no garbage
    from entrypoints.cli.main import main as run
    from entrypoints.observability import logs

    logs.log_crashes()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A ✓ that the stream's encoding lacks is written as \u2713, and raises no error.
            stream.reconfigure(errors="backslashreplace")
    signals.raise_on_termination()
    try:
        code = run(sys.argv[1:])
    except BaseException:
        # A library may have turned the interruption into an error of its own.
        if (number := signals.received()) is None:
            raise
        code = 128 + number
    sys.exit(code)
