"""Where the numbers were found: on another machine they are others."""

import os
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from threadpoolctl import threadpool_info

PROCESSORS = Path("/proc/cpuinfo")


def environment() -> Mapping[str, str]:
    """Return what the machine and the libraries are."""
    return {
        "processor": processor(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "scipy", "scikit-learn", "pyarrow")},
        "BLAS": "; ".join(sorted({_blas(library) for library in threadpool_info() if library["user_api"] == "blas"})),
    }


def load_average() -> str:
    """Return how many processes wanted to run, on average over the last minute."""
    return f"{os.getloadavg()[0]:.2f}"


def _blas(library: Mapping[str, object]) -> str:
    """Return name, version and kernels of a BLAS, and the threads that it takes if nobody limits it."""
    name, number, kernels = library["internal_api"], library["version"], library.get("architecture", "")
    return f"{name} {number} {kernels}, {library['num_threads']} threads by default"


def processor() -> str:
    """Return the processor's name."""
    if PROCESSORS.exists():
        for line in PROCESSORS.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"
