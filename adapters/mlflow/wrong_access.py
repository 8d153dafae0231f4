"""The error of a variable with which no MLflow server can be reached."""


class WrongAccess(OSError):
    """A variable holds what no client can follow; the message names it and holds no secret."""
