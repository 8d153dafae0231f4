"""Module `python -m entrypoints`: runs `endeavour`."""

import sys

# `python -m` puts the current folder first on the import path: it stays only if this package is in it.
if not sys.flags.safe_path and __file__ != f"{sys.path[0]}/entrypoints/__main__.py":
    del sys.path[0]

from entrypoints.main import main

main()
