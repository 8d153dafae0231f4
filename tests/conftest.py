"""Fixtures that several folders share."""

from tests.support.mlflow_server import empty_mlflow_database, mlflow_server

__all__ = ["empty_mlflow_database", "mlflow_server"]
