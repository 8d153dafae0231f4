"""MLflow's credentials file: user name and password for all programs of a user."""

import os
from configparser import ConfigParser, Error
from pathlib import Path

PLACE = "~/.mlflow/credentials"


def credentials_file() -> tuple[str, str]:
    """Return user and password, empty where there are none, or raise `OSError` naming the file."""
    path = os.path.expanduser(PLACE)  # noqa: PTH111  # Path.expanduser raises for a user without a home
    if not os.path.exists(path):  # noqa: PTH110  # Path.exists raises for a home that this user may not enter
        return "", ""
    parser = ConfigParser()
    try:
        parser.read_string(Path(path).read_text(encoding="utf-8"))
        user, password = (
            parser.get("mlflow", name, fallback="") for name in ("mlflow_tracking_username", "mlflow_tracking_password")
        )
    except OSError as error:
        raise OSError(f"{PLACE} cannot be read: {error.strerror}") from error
    except (Error, ValueError):  # its text may hold the password
        raise OSError(
            f"{PLACE} must hold the section [mlflow] with mlflow_tracking_username and mlflow_tracking_password, "
            "and %% for each %"
        ) from None
    return user, password
