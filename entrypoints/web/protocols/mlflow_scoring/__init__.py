"""MLflow's scoring protocol, for clients that were written for `mlflow models serve`; without MLflow and pandas.

What is a request here is what MLflow takes for one, but for the deviations that `docs/mlflow-scoring.md` lists.
"""
