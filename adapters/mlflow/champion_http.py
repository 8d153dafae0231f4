"""Champion over HTTP: reads the production version by plain GETs, on hosts that do not install MLflow."""

import os
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.client import HTTPException
from typing import Any, TypeVar

from adapters.host.rollout_texts import RolloutTexts
from adapters.mlflow.artifact_locations import server_path
from adapters.mlflow.http_client import HttpResponse, HttpSession, with_deadline
from adapters.mlflow.names import (
    APPROVED,
    CHAMPION,
    FEATURE_CHANGE_APPROVED_TAG,
    FILE_TAG,
    LEDGER_HEAD_TAG,
    ROLLOUT_REQUEST_TAG,
    ROLLOUT_TAG,
    WEIGHTS_PATH,
    is_version,
    quoted,
    validated_model_name,
)
from adapters.mlflow.registry_json import dicts, json_object, short_tag, tag
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
from adapters.mlflow.weights_file import from_bytes
from domain.access.redaction import Redaction
from domain.delivery.champion_ref import ChampionRef
from domain.delivery.errors import InvalidRegistryResponse, RegistryThrottled
from domain.delivery.ledger import head_or_start
from domain.errors import StoreUnavailable
from domain.model.errors import CorruptModel
from domain.model.model_version import ModelVersion
from domain.ports import ChampionSource

T = TypeVar("T")

API = "/api/2.0/mlflow"
ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"
REMEDIES: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: CREDENTIALS,
    HTTPStatus.FORBIDDEN: PERMISSIONS,
    HTTPStatus.NOT_FOUND: ADDRESS,
    HTTPStatus.METHOD_NOT_ALLOWED: ADDRESS,
}
SOURCE = re.compile(r"(models|mlflow-artifacts|s3):/", re.ASCII)


class HttpChampionSource(ChampionSource):
    """Reads the production version from an MLflow server, and checks every answer.

    Parameters
    ----------
    uri : str
        http or https; a user name and password in it are sent as basic authentication.
    model : str
        The registered model's name.
    seconds : float
        For the whole of `champion_ref`, and of `fetch`, from the look-up of the host's name to the last byte.
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
        self._place = self._redaction.text(uri)
        self._model = validated_model_name(model)
        self._seconds = seconds
        self._environment = os.environ if environment is None else environment
        self._texts = RolloutTexts()

    def champion_ref(self) -> ChampionRef | None:
        """Return the version that the alias `champion` names, None if there is no such alias or no such model."""
        return self._within(self._read_ref)

    def version_ref(self, version: str) -> ChampionRef:
        """Return what the registry has of the version."""
        return self._within(lambda server: self._read_version(server, version))

    def fetch(self, ref: ChampionRef) -> ModelVersion:
        """Return the version, if its weights file is the one that the digest is of."""
        data = self._within(lambda server: self._weights(server, ref.version))
        return from_bytes(data, ref.digest, ref.version)

    def _within(self, talk: Callable[[HttpSession], T]) -> T:
        try:
            return with_deadline(self._seconds, ServerAccess.to(self._uri, self._environment), talk)
        except TimeoutError as error:
            raise self._unavailable(f"no complete answer within {self._seconds:g} s") from error
        except OperatorNeeded as error:
            raise self._unavailable(first_line(error, self._redaction), error.remedy) from error
        except (OSError, ValueError, HTTPException) as error:
            kind = InvalidRegistryResponse if isinstance(error, HTTPException) else StoreUnavailable
            raise kind(self._place, network_failure(error) or first_line(error, self._redaction)) from error

    def _read_ref(self, server: HttpSession) -> ChampionRef | None:
        answer = server.get(f"{API}/registered-models/alias", name=self._model, alias=CHAMPION)
        if answer.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND):
            self._confirm_absence(server, answer)
            return None
        return self._ref(answer)

    def _read_version(self, server: HttpSession, version: str) -> ChampionRef:
        answer = server.get(f"{API}/model-versions/get", name=self._model, version=version)
        if _is_missing(answer):
            raise CorruptModel(version, "the registry has no such version")
        ref = self._ref(answer)
        if ref.version != version:
            raise InvalidRegistryResponse(self._place, f"it answers for version {version} with version {ref.version}")
        return ref

    def _ref(self, answer: HttpResponse) -> ChampionRef:
        """Return the version in the answer, validated."""
        named = self._content(answer).get("model_version")
        if not isinstance(named, dict):
            raise InvalidRegistryResponse(self._place, "its answer names no model version")
        version, source, status = named.get("version"), named.get("source"), named.get("status")
        if named.get("name") != self._model or not is_version(version):
            raise InvalidRegistryResponse(
                self._place, f"it names version {quoted(version)} of {quoted(named.get('name'))}"
            )
        if status != "READY":
            raise CorruptModel(str(version), f"its status in the registry is {quoted(status)}")
        if not SOURCE.match(str(source)):
            raise CorruptModel(str(version), f"its source {quoted(source)} is not one of MLflow's stores")
        approved = short_tag(named, FEATURE_CHANGE_APPROVED_TAG) == APPROVED
        rollout = self._texts.record(str(version), tag(named, ROLLOUT_TAG), tag(named, ROLLOUT_REQUEST_TAG))
        head = head_or_start(tag(named, LEDGER_HEAD_TAG))
        return ChampionRef(str(version), short_tag(named, FILE_TAG), approved, rollout, head)

    def _confirm_absence(self, server: HttpSession, refusal: HttpResponse) -> None:
        """Return if there is no champion; MLflow's `refusal` alone may also be about the request."""
        answer = server.get(f"{API}/registered-models/get", name=self._model)
        if _is_missing(answer):
            return
        model = self._content(answer).get("registered_model")
        if not isinstance(model, dict) or model.get("name") != self._model:
            raise InvalidRegistryResponse(self._place, "its answer names another model")
        named = [alias.get("version") for alias in dicts(model.get("aliases")) if alias.get("alias") == CHAMPION]
        if named and is_version(named[0]) and refusal.status == HTTPStatus.NOT_FOUND:
            raise CorruptModel(str(named[0]), "it was deleted while it was in production")
        if named:
            raise InvalidRegistryResponse(self._place, "it has a champion, but does not name its version")

    def _weights(self, server: HttpSession, version: str) -> bytes:
        where = server.get(f"{API}/model-versions/get-download-uri", name=self._model, version=version)
        try:
            path = server_path(self._content(where).get("artifact_uri"))
        except OperatorNeeded as error:
            raise CorruptModel(version, f"{error.why}; {error.remedy}") from error
        answer = server.get(f"{ARTIFACTS}/{path}/{WEIGHTS_PATH}")
        if answer.status == HTTPStatus.NOT_FOUND:
            if "error_code" not in json_object(answer.body):
                raise InvalidRegistryResponse(
                    self._place, f"the 404 for {WEIGHTS_PATH} of version {version} is not MLflow's"
                )
            raise CorruptModel(version, f"the server has no file {WEIGHTS_PATH} for it")
        self._require_success(answer)
        if answer.body.lstrip().startswith(b"<"):
            raise InvalidRegistryResponse(
                self._place, f"the answer for {WEIGHTS_PATH} of version {version} is a page of HTML"
            )
        return answer.body

    def _content(self, answer: HttpResponse) -> dict[str, Any]:
        self._require_success(answer)
        if content := json_object(answer.body):
            return content
        raise InvalidRegistryResponse(self._place, NOT_JSON, ADDRESS)

    def _require_success(self, answer: HttpResponse) -> None:
        if answer.status == HTTPStatus.OK:
            return
        if answer.retry_after:
            raise RegistryThrottled(self._place, f"it answers {answer.status}", answer.retry_after)
        if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
            raise self._unavailable(f"it answers {answer.status}, and redirects are not followed", ADDRESS)
        raise self._unavailable(f"it answers {answer.status}", REMEDIES.get(answer.status, ""))

    def _unavailable(self, why: str, remedy: str = "") -> StoreUnavailable:
        return StoreUnavailable(self._place, why, remedy)


def _is_missing(answer: HttpResponse) -> bool:
    """Return whether MLflow, and not a proxy before it, answers that the thing does not exist."""
    error_code = json_object(answer.body).get("error_code")
    return answer.status == HTTPStatus.NOT_FOUND and error_code == "RESOURCE_DOES_NOT_EXIST"
