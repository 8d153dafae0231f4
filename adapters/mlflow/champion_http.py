"""Champion over HTTP: reads the production version by plain GETs, on hosts that do not install MLflow."""

import re
from http import HTTPStatus

from adapters.host.rollout_texts import RolloutTexts
from adapters.mlflow.artifact_locations import server_path
from adapters.mlflow.http_client import HttpResponse, HttpSession
from adapters.mlflow.http_registry import API, HttpRegistry, is_missing
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
)
from adapters.mlflow.registry_json import dicts, json_object, short_tag, tag
from adapters.mlflow.remedies import OperatorNeeded
from adapters.mlflow.weights_file import from_bytes
from domain.delivery.champion_ref import ChampionRef
from domain.delivery.ledger import head_or_start
from domain.model.errors import CorruptModel
from domain.model.model_version import ModelVersion
from domain.ports import ChampionSource

ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"
SOURCE = re.compile(r"(models|mlflow-artifacts|s3):/", re.ASCII)


class HttpChampionSource(ChampionSource):
    """Reads the production version from the MLflow server of `registry`, and checks every answer."""

    def __init__(self, registry: HttpRegistry) -> None:
        self._registry = registry
        self._texts = RolloutTexts()

    def champion_ref(self) -> ChampionRef | None:
        """Return the version that the alias `champion` names, None if there is no such alias or no such model."""
        return self._registry.within(self._read_ref)

    def version_ref(self, version: str) -> ChampionRef:
        """Return what the registry has of the version."""
        return self._registry.within(lambda server: self._read_version(server, version))

    def fetch(self, ref: ChampionRef) -> ModelVersion:
        """Return the version, if its weights file is the one that the digest is of."""
        data = self._registry.within(lambda server: self._weights(server, ref.version))
        return from_bytes(data, ref.digest, ref.version)

    def _read_ref(self, server: HttpSession) -> ChampionRef | None:
        answer = server.get(f"{API}/registered-models/alias", name=self._registry.model, alias=CHAMPION)
        if answer.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND):
            self._confirm_absence(server, answer)
            return None
        return self._ref(answer)

    def _read_version(self, server: HttpSession, version: str) -> ChampionRef:
        answer = server.get(f"{API}/model-versions/get", name=self._registry.model, version=version)
        if is_missing(answer):
            raise CorruptModel(version, "the registry has no such version")
        ref = self._ref(answer)
        if ref.version != version:
            raise self._registry.invalid(f"it answers for version {version} with version {ref.version}")
        return ref

    def _ref(self, answer: HttpResponse) -> ChampionRef:
        """Return the version in the answer, validated."""
        named = self._registry.content(answer).get("model_version")
        if not isinstance(named, dict):
            raise self._registry.invalid("its answer names no model version")
        version, source, status = named.get("version"), named.get("source"), named.get("status")
        if named.get("name") != self._registry.model or not is_version(version):
            raise self._registry.invalid(f"it names version {quoted(version)} of {quoted(named.get('name'))}")
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
        model = self._registry.registered_model(server)
        if model is None:
            return
        named = [alias.get("version") for alias in dicts(model.get("aliases")) if alias.get("alias") == CHAMPION]
        if named and is_version(named[0]) and refusal.status == HTTPStatus.NOT_FOUND:
            raise CorruptModel(str(named[0]), "it was deleted while it was in production")
        if named:
            raise self._registry.invalid("it has a champion, but does not name its version")

    def _weights(self, server: HttpSession, version: str) -> bytes:
        where = server.get(f"{API}/model-versions/get-download-uri", name=self._registry.model, version=version)
        try:
            path = server_path(self._registry.content(where).get("artifact_uri"))
        except OperatorNeeded as error:
            raise CorruptModel(version, f"{error.why}; {error.remedy}") from error
        answer = server.get(f"{ARTIFACTS}/{path}/{WEIGHTS_PATH}")
        if answer.status == HTTPStatus.NOT_FOUND:
            if "error_code" not in json_object(answer.body):
                raise self._registry.invalid(f"the 404 for {WEIGHTS_PATH} of version {version} is not MLflow's")
            raise CorruptModel(version, f"the server has no file {WEIGHTS_PATH} for it")
        self._registry.require_success(answer)
        if answer.body.lstrip().startswith(b"<"):
            raise self._registry.invalid(f"the answer for {WEIGHTS_PATH} of version {version} is a page of HTML")
        return answer.body
