"""HTTP registry: plain GETs to an MLflow server, with a deadline, whose answers are checked."""

import os
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.client import HTTPException
from typing import Any, TypeVar

from adapters.mlflow.http_client import HttpResponse, HttpSession, with_deadline
from adapters.mlflow.names import validated_model_name
from adapters.mlflow.registry_json import json_object
from adapters.mlflow.remedies import (
    ADDRESS,
    CREDENTIALS,
    NOT_JSON,
    PERMISSIONS,
    OperatorNeeded,
    first_line,
    network_failure,
)
from adapters.mlflow.server_access import ServerAccess
from domain.access.redaction import Redaction
from domain.delivery.errors import InvalidRegistryResponse, RegistryThrottled
from domain.errors import StoreUnavailable

T = TypeVar("T")

API = "/api/2.0/mlflow"
REMEDIES: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: CREDENTIALS,
    HTTPStatus.FORBIDDEN: PERMISSIONS,
    HTTPStatus.NOT_FOUND: ADDRESS,
    HTTPStatus.METHOD_NOT_ALLOWED: ADDRESS,
}


class HttpRegistry:
    """The registered model `model` of the MLflow server at `uri`.

    Parameters
    ----------
    uri : str
        http or https; a user name and password in it are sent as basic authentication.
    model : str
        The registered model's name.
    seconds : float
        For the whole of a talk, from the look-up of the host's name to the last byte.
    environment : mapping or None
        Where `ServerAccess` looks its variables up; None takes the process environment.
    redaction : Redaction
        Of every error's text.
    """

    def __init__(
        self,
        uri: str,
        *,
        model: str = "endeavour",
        seconds: float = 2.0,
        environment: Mapping[str, str] | None = None,
        redaction: Redaction | None = None,
    ) -> None:
        self._uri = uri
        self._redaction = redaction or Redaction()
        self.place = self._redaction.text(uri)
        self.model = validated_model_name(model)
        self._seconds = seconds
        self._environment = os.environ if environment is None else environment

    def within(self, talk: Callable[[HttpSession], T]) -> T:
        """Return what `talk` returns in time, or raise `StoreUnavailable`."""
        try:
            return with_deadline(self._seconds, ServerAccess.to(self._uri, self._environment), talk)
        except TimeoutError as error:
            raise self.unavailable(f"no complete answer within {self._seconds:g} s") from error
        except OperatorNeeded as error:
            raise self.unavailable(first_line(error, self._redaction), error.remedy) from error
        except (OSError, ValueError, HTTPException) as error:
            kind = InvalidRegistryResponse if isinstance(error, HTTPException) else StoreUnavailable
            raise kind(self.place, network_failure(error) or first_line(error, self._redaction)) from error

    def content(self, answer: HttpResponse) -> dict[str, Any]:
        """Return the object of a successful answer, or raise as `require_success` does."""
        self.require_success(answer)
        if content := json_object(answer.body):
            return content
        raise self.invalid(NOT_JSON, ADDRESS)

    def require_success(self, answer: HttpResponse) -> None:
        """Raise `StoreUnavailable`, or `RegistryThrottled`, if the answer is a refusal or a redirect."""
        if answer.status == HTTPStatus.OK:
            return
        if answer.retry_after:
            raise RegistryThrottled(self.place, f"it answers {answer.status}", answer.retry_after)
        if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
            raise self.unavailable(f"it answers {answer.status}, and redirects are not followed", ADDRESS)
        raise self.unavailable(f"it answers {answer.status}", REMEDIES.get(answer.status, ""))

    def registered_model(self, server: HttpSession) -> dict[str, Any] | None:
        """Return the registered model with its aliases and tags, None if there is none of this name."""
        answer = server.get(f"{API}/registered-models/get", name=self.model)
        if is_missing(answer):
            return None
        model = self.content(answer).get("registered_model")
        if not isinstance(model, dict) or model.get("name") != self.model:
            raise self.invalid("its answer names another model")
        return model

    def unavailable(self, why: str, remedy: str = "") -> StoreUnavailable:
        """Return the error of a server that cannot be used."""
        return StoreUnavailable(self.place, why, remedy)

    def invalid(self, why: str, remedy: str = "") -> InvalidRegistryResponse:
        """Return the error of a malformed answer."""
        return InvalidRegistryResponse(self.place, why, remedy)


def is_missing(answer: HttpResponse) -> bool:
    """Return whether MLflow, and not a proxy before it, answers that the thing does not exist."""
    error_code = json_object(answer.body).get("error_code")
    return answer.status == HTTPStatus.NOT_FOUND and error_code == "RESOURCE_DOES_NOT_EXIST"
