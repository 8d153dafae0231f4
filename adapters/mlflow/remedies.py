"""Remedies: name what an operator must do where waiting for MLflow does not help."""


class OperatorNeeded(Exception):
    """No request succeeds before an operator follows `remedy`."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.why, self.remedy = why, remedy


CREDENTIALS = "check MLFLOW_TRACKING_USERNAME, _PASSWORD or _TOKEN"
PERMISSIONS = (
    f"{CREDENTIALS} and what they permit, or start `mlflow server` with --allowed-hosts listing host and port of this "
    "address"
)
ADDRESS = "set MLFLOW_TRACKING_URI to the address of an MLflow server, as its page has it before `/#/`"
NEW_EXPERIMENT = "set ENDEAVOUR_MODEL to a new name, because an experiment keeps its place of artifacts"
SERVE_ARTIFACTS = f"start `mlflow server` with --serve-artifacts, and {NEW_EXPERIMENT}"
LOCAL_ARTIFACTS = f"set MLFLOW_TRACKING_URI to the server that keeps them, or {NEW_EXPERIMENT}"
WITHOUT_TLS = "set MLFLOW_TRACKING_URI to http://… if the server is one without TLS"
GRANTS = "grant this user the right to read and write MLflow's tables"
SHORTER = "shorten the longest name, or the path of ENDEAVOUR_ARTIFACTS: MLflow's columns do not hold it"
SCHEMA = (
    "for an older database, back it up and run `mlflow db upgrade` with its address; for a newer one, install its "
    "version of MLflow here"
)
UNFINISHED = "remove mlflow.db if it holds no run, or else restore it from a backup"
