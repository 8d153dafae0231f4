"""The two models that both servers have."""

import numpy as np

from tests.entrypoints.web.mlflow_scoring.replayed import ONE, TWO
from tests.examples import a_model

MODELS = {ONE: a_model(), TWO: a_model(0.1 + 0.2, np.pi)}
