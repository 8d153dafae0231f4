"""Failures and addresses as one line that a person may read and a log may keep."""

import re

_USER_INFO = re.compile(r"//[^/\s]*@")
_SECRET = re.compile(r"(?i)\b(password|passwd|token|secret|sslpassword)=[^&\s'\"]+")
_LONGEST = 300


def without_secrets(text: str) -> str:
    """Return `text` with user names and passwords taken out of the addresses in it."""
    return _SECRET.sub(r"\1=…", _USER_INFO.sub("//", text))


def one_line(error: BaseException) -> str:
    """Return what went wrong, without secrets and without the lines that only help whoever debugs MLflow."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = without_secrets(lines[0] if lines else type(error).__name__)
    text = text.partition(" Response body: ")[0]  # a stranger's page, if it is not MLflow that answers
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
