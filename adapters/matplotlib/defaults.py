"""Configuration of matplotlib: its own defaults; those of the current folder, user and environment are not read."""

import os
from contextlib import chdir, nullcontext
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path


def import_with_defaults() -> None:
    """Import matplotlib, which reads its configuration once, while it is imported.

    A setting can start programs (`text.usetex`), take any amount of memory (`savefig.dpi`) or fail the import. The
    current folder's `matplotlibrc` comes first, and only another current folder hides it.
    """
    spec = find_spec("matplotlib")
    if spec and spec.origin:
        defaults = Path(spec.origin).with_name("mpl-data")
        os.environ["MATPLOTLIBRC"] = str(defaults / "matplotlibrc")
        os.environ.pop("MPLBACKEND", None)
        with chdir(defaults) if os.access("matplotlibrc", os.F_OK) else nullcontext():
            import_module("matplotlib")
