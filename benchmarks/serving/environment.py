"""Where the numbers were found: on another machine they are others."""

import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version

from benchmarks.learning.environment import processor

LIBRARIES = ("flask", "granian", "gunicorn", "numpy", "orjson", "pyarrow", "mlflow", "uvicorn")


def environment() -> Mapping[str, str]:
    """Return what the machine and the libraries are."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": processor(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }
