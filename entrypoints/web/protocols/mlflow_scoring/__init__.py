"""MLflow's scoring protocol, for clients of `mlflow models serve`, without MLflow and pandas.

Requests are read as MLflow reads them, except for the deviations that `docs/mlflow-scoring.md` lists.
"""
