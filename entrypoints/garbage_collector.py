"""Garbage collector: it does not run while the modules of a command are imported, which leaves no garbage."""

import gc


def start() -> None:
    """Start the collector, which need not visit what the imports have made; do nothing if it runs."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
