"""Credentials of an MLflow server: their variables, and the file that MLflow reads where a variable is not set."""

import os
from configparser import ConfigParser, Error
from pathlib import Path

USER, PASSWORD, TOKEN = "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN"
CREDENTIALS_FILE = "~/.mlflow/credentials"


def credentials_file(*, raw: bool = False) -> tuple[str, str]:
    """Return user and password of MLflow's credentials file, empty where there are none.

    Parameters
    ----------
    raw : bool
        Whether to return them as they stand in the file, with %% for each %.

    Raises
    ------
    OSError
        If the file cannot be read; names it without its content.
    """
    path = os.path.expanduser(CREDENTIALS_FILE)  # noqa: PTH111  # Path.expanduser raises for a user without a home
    if not os.path.exists(path):  # noqa: PTH110  # Path.exists raises for a home that this user may not enter
        return "", ""
    parser = ConfigParser()
    try:
        parser.read_string(Path(path).read_text(encoding="utf-8"))
        user, password = (parser.get("mlflow", name.lower(), raw=raw, fallback="") for name in (USER, PASSWORD))
    except OSError as error:
        raise OSError(f"{CREDENTIALS_FILE} cannot be read: {error.strerror}") from error
    except (Error, ValueError):  # its text may hold the password
        raise OSError(
            f"{CREDENTIALS_FILE} must hold the section [mlflow] with mlflow_tracking_username and "
            "mlflow_tracking_password, and %% for each %"
        ) from None
    return user, password
