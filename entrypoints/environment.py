"""The environment as settings need it: values from files and pages without the blanks and line breaks around them."""

import re
from collections.abc import MutableMapping

from environs import EnvError

PREFIX = "ENDEAVOUR_"
URI, TOKEN = "MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_TOKEN"
LOGIN = ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD")

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def strip_settings(environment: MutableMapping[str, str]) -> None:
    """Strip the settings in place, because MLflow's client reads some of the same variables.

    Blanks at the ends of a user name or a password belong to it, line breaks do not.

    Raises
    ------
    EnvError
        If a value is blank, or holds control characters or bytes that are not UTF-8; a token must be ASCII too.
        The message names the variable without its value.
    """
    for name in sorted(environment):
        text = environment[name]
        if not text or not (name.startswith(PREFIX) or name in (URI, TOKEN, *LOGIN)):
            continue
        stripped = text.strip("\r\n") if name in LOGIN else text.strip()
        if not stripped:
            raise EnvError(f'Environment variable "{name}" invalid: Must not be blank; unset it for the default.')
        if CONTROL.search(stripped):
            raise EnvError(
                f'Environment variable "{name}" invalid: Must be UTF-8 without line breaks and control characters.'
            )
        if name == TOKEN and not stripped.isascii():
            raise EnvError(f'Environment variable "{name}" invalid: Must be ASCII, as a header is.')
        environment[name] = stripped
