"""Charts of a training, drawn with matplotlib and without its global state.

matplotlib reads its configuration while it is imported. A setting can start programs (`text.usetex`), take any amount
of memory (`savefig.dpi`) or fail the import. The settings of the current folder, user and environment are not read.
"""

import os
from contextlib import chdir, nullcontext
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

_spec = find_spec("matplotlib")
if _spec and _spec.origin:
    _defaults = Path(_spec.origin).with_name("mpl-data")
    os.environ["MATPLOTLIBRC"] = str(_defaults / "matplotlibrc")
    os.environ.pop("MPLBACKEND", None)
    # The current folder's `matplotlibrc` comes first, and only another current folder hides it.
    with chdir(_defaults) if os.access("matplotlibrc", os.F_OK) else nullcontext():
        import_module("matplotlib")
