"""Charts of a training, drawn with matplotlib and without its global state.

matplotlib reads its configuration while it is imported. A setting can start programs (`text.usetex`), take any amount
of memory (`savefig.dpi`) or fail the import. The settings of the current folder, user and environment are not read.
"""

import os
import sys
from contextlib import chdir, nullcontext
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

_spec = find_spec("matplotlib")
if _spec and _spec.origin:
    _defaults = Path(_spec.origin).with_name("mpl-data")
    os.environ["MATPLOTLIBRC"] = str(_defaults / "matplotlibrc")
    os.environ.pop("MPLBACKEND", None)
    # The current folder's `matplotlibrc` comes first, and only another current folder hides it.
    with chdir(_defaults) if os.access("matplotlibrc", os.F_OK) else nullcontext():
        _artist: Any = import_module("matplotlib.artist")
    # A third of the import would write help texts on the properties of each class.
    _artist.kwdoc = lambda _: ""
    _artist.Artist._update_set_signature_and_docstring = classmethod(lambda _: None)
    # No chart has TeX or three dimensions: these stand for what would read them.
    _ABSENT = {"matplotlib.dviread": SimpleNamespace(Dvi=None), "mpl_toolkits.mplot3d": SimpleNamespace(Axes3D=None)}
    _hidden = {name: module for name, module in _ABSENT.items() if name not in sys.modules}
    sys.modules.update(_hidden)  # type: ignore[arg-type]  # they are no modules
    import_module("matplotlib.backends.backend_agg")
    import_module("matplotlib.figure")
    for _name in _hidden:
        del sys.modules[_name]
