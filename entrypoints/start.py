"""Where the program `endeavour` begins: before anything heavy is imported, it knows how to end."""

import io
import os
import sys

from entrypoints import signals

# The learner's blocks are small enough for one core, and where other programs are busy, threads of BLAS wait for each
# other many times as long as they compute. numpy reads this when it is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Python processes that start from here, such as the mirror, import no modules that the current folder holds.
os.environ["PYTHONSAFEPATH"] = "1"


def main() -> None:
    """Run the command line and exit; a signal ends it quietly at any moment, also in the middle of an import."""
    os.umask(0o077)  # rows, models and runs are for their owner alone
    signals.exit_on_termination()
    from entrypoints import logs
    from entrypoints.cli.main import main as run

    logs.log_crashes()
    _replace_unwritable(sys.stdout, sys.stderr)
    signals.raise_on_termination()
    try:
        code = run(sys.argv[1:])
    except BaseException:
        # A library may have turned the interruption into an error of its own.
        number = signals.received()
        if number is None:
            raise
        code = 128 + number
    sys.exit(code)


def _replace_unwritable(*streams: object) -> None:
    """Have the streams write `\\u2713` for a ✓ that their encoding lacks, instead of raising `UnicodeEncodeError`."""
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
