"""MLflow as tracker and model registry, and its registry read over plain HTTP; `import mlflow` in here is the library.

Nothing outside this folder imports MLflow. `champion_http`, `probe` and their imports do not import it either, so
that a serving host need not install it.
"""

import logging
import os

# MLflow reads these, and the two log, while they are being imported; this module runs before any other here can do so.
os.environ.update(MLFLOW_CONFIGURE_LOGGING="false", MLFLOW_DISABLE_TELEMETRY="true")
for _name in ("mlflow", "alembic"):
    logging.getLogger(_name).setLevel(logging.ERROR)
