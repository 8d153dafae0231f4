"""Start of the program `endeavour`: handles signals before anything heavy is imported."""

import io
import os
import sys

from entrypoints import signals

# Python processes that start from here, such as the registry sync, import no modules that the current folder holds.
os.environ["PYTHONSAFEPATH"] = "1"


def main() -> None:
    """Run the command line and exit; a signal ends it quietly at any moment, also in the middle of an import."""
    os.umask(0o077)  # rows, models and runs are for their owner alone
    signals.exit_on_termination()
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
