"""What an operator must do where waiting for MLflow does not help."""

CREDENTIALS = "check MLFLOW_TRACKING_USERNAME, _PASSWORD or _TOKEN"
PERMISSIONS = (
    f"{CREDENTIALS} and what they permit, or start `mlflow server` with --allowed-hosts listing host and port of this "
    "address"
)
ADDRESS = "set MLFLOW_TRACKING_URI to the address of an MLflow server, as its page has it before `/#/`"
_NEW_EXPERIMENT = "set ENDEAVOUR_MODEL to a new name, because an experiment keeps its place of artifacts"
SERVE_ARTIFACTS = f"start `mlflow server` with --serve-artifacts, and {_NEW_EXPERIMENT}"
LOCAL_ARTIFACTS = f"set MLFLOW_TRACKING_URI to the server that keeps them, or {_NEW_EXPERIMENT}"
GRANTS = "grant this user the right to read and write MLflow's tables"
SHORTER = "shorten the longest name, or the path of ENDEAVOUR_ARTIFACTS: MLflow's columns do not hold it"
SCHEMA = (
    "for an older database, back it up and run `mlflow db upgrade` with its address; for a newer one, install its "
    "version of MLflow here"
)
