"""Failures of MLflow's client, classified by type, error code and HTTP status: what their texts hold is not fixed."""

import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import TypeVar

from mlflow.exceptions import MlflowException
from requests import HTTPError, RequestException
from requests.exceptions import RetryError, Timeout
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from adapters.mlflow.remedies import ADDRESS, CREDENTIALS, GRANTS, LOST, NOT_JSON, PERMISSIONS, SHORTER, network_failure

T = TypeVar("T")

_REMEDIES: dict[str | int, str] = {
    "CUSTOMER_UNAUTHORIZED": CREDENTIALS,
    "UNAUTHENTICATED": CREDENTIALS,
    "PERMISSION_DENIED": PERMISSIONS,
    "ENDPOINT_NOT_FOUND": ADDRESS,
    HTTPStatus.UNAUTHORIZED: CREDENTIALS,
    HTTPStatus.FORBIDDEN: PERMISSIONS,
}
_NO_JSON = "API request to endpoint was successful but"
_INSUFFICIENT_PRIVILEGE = "42501"  # SQLSTATE


def none_if_missing(request: Callable[[], T], *other_codes: str) -> T | None:
    """Return what `request` returns, None if MLflow answers that the thing does not exist, or one of `other_codes`."""
    try:
        return request()
    except MlflowException as error:
        if error.error_code not in ("RESOURCE_DOES_NOT_EXIST", *other_codes):
            raise
        return None


def create_if_missing(request: Callable[[], object]) -> None:
    """Make `request`, which creates something that may be there already."""
    try:
        request()
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def retry_race(request: Callable[[], T]) -> T:
    """Return what `request` returns; make it again if another process has just written the row that MLflow looked for.

    MLflow calls that a bad request, over HTTP as well.
    """
    try:
        return request()
    except (IntegrityError, MlflowException) as error:
        if isinstance(error, MlflowException) and error.error_code != "BAD_REQUEST":
            raise
    return request()


def failure_message(error: Exception, timeout: float) -> str:
    """Return how a request of MLflow's client failed, '' if MLflow or a database explains the failure.

    Only the message depends on a library's text; the class and the remedy follow from types and codes.

    Parameters
    ----------
    timeout : float
        Seconds that the client waits for an answer.
    """
    if status := _status(error):
        return f"it answers {status}"
    if is_unexplained(error) and str(error).startswith(_NO_JSON):
        return NOT_JSON
    if not _answer_was_lost(error):
        return network_failure(error)
    causes = list(_causes(error))
    if any(isinstance(cause, TimeoutError | Timeout) for cause in causes):
        return f"no complete answer within {timeout:g} s"
    return next((text for cause in causes if (text := network_failure(cause))), LOST)


def _status(error: Exception) -> int:
    """Return the status of an answer that MLflow does not give, else 0; its client keeps it in the text alone."""
    found = None
    if isinstance(error, HTTPError) and error.response is not None:
        return error.response.status_code
    if isinstance(error, MlflowException) and isinstance(error.__context__, RetryError):
        found = re.search(r"too many (\d{3}) error responses", str(error))
    elif type(error) is MlflowException:
        found = re.match(r"API request to endpoint \S+ failed with error code (\d{3}) != 200", str(error))
    return int(found[1]) if found else 0


def _answer_was_lost(error: Exception) -> bool:
    if isinstance(error, RequestException):
        return error.response is None
    return isinstance(error.__context__, RequestException)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def is_unexplained(error: Exception) -> bool:
    """Return whether MLflow's client itself objects: to an answer that no MLflow gives, or to a database's tables."""
    return type(error) is MlflowException and error.error_code == "INTERNAL_ERROR" and error.__context__ is None


def remedy(error: Exception, *, over_http: bool) -> str:
    """Return what an operator must do before `error` can end, '' if waiting may be enough."""
    code = error.error_code if isinstance(error, MlflowException) else _status(error)
    if code in _REMEDIES:
        return _REMEDIES[code]
    if over_http and is_unexplained(error):
        return ADDRESS
    cause = error.__cause__ if isinstance(error, MlflowException) else error
    if isinstance(cause, DataError):
        return SHORTER
    denied = isinstance(cause, DBAPIError) and getattr(cause.orig, "sqlstate", "") == _INSUFFICIENT_PRIVILEGE
    return GRANTS if denied else ""
