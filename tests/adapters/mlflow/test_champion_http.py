import json
import subprocess
import sys
import threading
import time
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from adapters.mlflow.champion_http import HttpChampionSource
from adapters.mlflow.http_client import MAX_ANSWER_BYTES
from adapters.mlflow.http_registry import HttpRegistry
from adapters.mlflow.names import FEATURE_CHANGE_APPROVED_TAG, FILE_TAG, ROLLOUT_TAG
from adapters.mlflow.weights_file import sha256, to_bytes
from domain.delivery.errors import InvalidRegistryResponse
from domain.errors import StoreUnavailable
from domain.model.errors import CorruptModel
from domain.model.model_version import ModelVersion
from tests.contracts.champion_source import ChampionSourceContract
from tests.support.examples import NOON, a_lineage, a_model, a_version
from tests.support.mlflow.servers import answering, dripping
from tests.support.program import wait_until

WEIGHTS = to_bytes(a_version())
SECONDS = 0.4


class Registry:
    """Answers the three GETs as MLflow does, until a test changes something."""

    def __init__(self):
        self.named = {
            "name": "endeavour",
            "version": "1",
            "status": "READY",
            "source": "models:/m-0123",
            "tags": [{"key": FILE_TAG, "value": sha256(WEIGHTS)}],
        }
        self.artifact_uri = "mlflow-artifacts:/2/models/m-0123/artifacts"
        self.weights = WEIGHTS
        self.aliases = []
        self.failures = {}
        self.asked = []

    def __call__(self, handler):
        path = urlsplit(handler.path).path
        self.asked.append(path)
        for ending, (status, body) in self.failures.items():
            if path.endswith(ending):
                return handler.reply(status, body, Location="http://127.0.0.1:1/")
        return handler.reply(200, self.body(path, parse_qs(urlsplit(handler.path).query)))

    def body(self, path, query):
        if path == "/api/2.0/mlflow-artifacts/artifacts/2/models/m-0123/artifacts/artifacts/weights.json":
            return self.weights
        if path.endswith("/get-download-uri"):
            assert query == {"name": ["endeavour"], "version": ["1"]}
            return json.dumps({"artifact_uri": self.artifact_uri}).encode()
        if path.endswith("/registered-models/get"):
            return json.dumps({"registered_model": {"name": "endeavour", "aliases": self.aliases}}).encode()
        if path.endswith("/model-versions/get"):
            assert query["name"] == ["endeavour"]
            return json.dumps({"model_version": self.named}).encode()
        assert query == {"name": ["endeavour"], "alias": ["champion"]}
        return json.dumps({"model_version": self.named}).encode()


class TestOverHttp(ChampionSourceContract):
    @pytest.fixture
    def connect_to(self, model_name):
        return lambda uri: HttpChampionSource(HttpRegistry(uri, model=model_name, seconds=10))


def champion_of(source):
    ref = source.champion_ref()
    return ref and source.fetch(ref)


def champion(registry, environment=None):
    with answering(registry) as uri:
        return champion_of(HttpChampionSource(HttpRegistry(uri, environment=environment or {})))


@pytest.fixture
def registry():
    return Registry()


def test_champion_is_what_the_registry_holds_to_the_last_bit(registry):
    assert champion(registry) == a_version("1")
    assert len(registry.asked) == 3


def test_c11_consent_to_other_features_comes_with_the_name_of_the_champion(registry):
    tag = {"key": FEATURE_CHANGE_APPROVED_TAG}
    registry.named["tags"].append(tag)

    with answering(registry) as uri:
        for tag["value"], given in (("true", True), ("false", False), ("", False), (None, False), (1, False)):
            assert HttpChampionSource(HttpRegistry(uri, environment={})).champion_ref().feature_change_approved is given

    assert len(registry.asked) == 5


def test_challenger_is_read_by_its_version_and_another_one_is_no_answer(registry):
    with answering(registry) as uri:
        source = HttpChampionSource(HttpRegistry(uri, environment={}))

        assert source.fetch(source.version_ref("1")) == a_version("1")
        with pytest.raises(InvalidRegistryResponse, match="it answers for version 2 with version 1"):
            source.version_ref("2")
        registry.failures = {"/model-versions/get": MISSING}
        with pytest.raises(CorruptModel, match="has no such version"):
            source.version_ref("1")
        registry.failures = {"/model-versions/get": (404, PAGE)}
        with pytest.raises(StoreUnavailable, match="it answers 404"):
            source.version_ref("1")


def test_state_of_a_rollout_that_is_huge_or_no_text_counts_as_none(registry, caplog):
    tag = {"key": ROLLOUT_TAG}
    registry.named["tags"].append(tag)

    with answering(registry) as uri:
        for tag["value"] in (LONG, 1, None, {"phase": "canary"}, "\x00"):
            assert HttpChampionSource(HttpRegistry(uri, environment={})).champion_ref().rollout is None

    assert [record.message for record in caplog.records] == ["rollout_unreadable"] * 2


MISSING = (404, b'{"error_code": "RESOURCE_DOES_NOT_EXIST"}')
PAGE = b"\n<!doctype html><title>Login</title>"
IN_PRODUCTION = [{"alias": "champion", "version": "1"}]


@pytest.mark.parametrize(
    ("failures", "error", "why"),
    [
        ({"/alias": (500, b"")}, StoreUnavailable, "it answers 500"),
        ({"/alias": (401, b"")}, StoreUnavailable, "MLFLOW_TRACKING_USERNAME"),
        ({"/alias": (403, b"")}, StoreUnavailable, "--allowed-hosts"),
        ({"/alias": (404, PAGE), "/registered-models/get": (404, PAGE)}, StoreUnavailable, "it answers 404"),
        ({"/alias": (400, b""), "/registered-models/get": (200, b"{}")}, InvalidRegistryResponse, "not JSON of MLflow"),
        ({"/alias": (200, b"[]")}, InvalidRegistryResponse, "not JSON of MLflow"),
        ({"/alias": (200, PAGE)}, InvalidRegistryResponse, "not JSON"),
        ({"/alias": (200, b"[" * 100_000)}, InvalidRegistryResponse, "not JSON"),
        ({"/alias": (200, b" " * (MAX_ANSWER_BYTES + 1))}, InvalidRegistryResponse, "larger than"),
        ({"/get-download-uri": (502, b"")}, StoreUnavailable, "it answers 502"),
        ({"/weights.json": (500, b"")}, StoreUnavailable, "it answers 500"),
        ({"/weights.json": (200, PAGE)}, InvalidRegistryResponse, r"weights\.json of version 1 is a page"),
        ({"/weights.json": (404, PAGE)}, InvalidRegistryResponse, r"weights\.json of version 1 is not MLflow's"),
        ({"/weights.json": MISSING}, CorruptModel, "has no file"),
    ],
)
def test_answer_that_cannot_be_used_is_an_error_with_its_reason(registry, failures, error, why):
    registry.failures = failures

    with pytest.raises(error, match=why):
        champion(registry)


LONG = "ftp://me:s3cret@host/" + "x" * 900_000


UNUSABLE = (
    ("name", ("other", LONG), InvalidRegistryResponse, "it names version"),
    ("version", ("", 1, "../1", "01", LONG), InvalidRegistryResponse, "it names version"),
    ("status", ("PENDING_REGISTRATION", LONG), CorruptModel, "its status in the registry"),
    ("source", ("file:///etc/passwd", "http://evil.example/", None, LONG), CorruptModel, "is not one of MLflow's"),
    ("tags", ([], None), CorruptModel, "the registry has no digest"),
    ("tags", [[{"key": FILE_TAG, "value": tag}] for tag in ("0" * 64, "é", LONG)], CorruptModel, "has the digest of"),
)


@pytest.mark.parametrize(("field", "values", "error", "why"), UNUSABLE, ids=range(len(UNUSABLE)))
def test_version_that_is_not_as_registered_is_an_error_without_long_texts(registry, field, values, error, why):
    for registry.named[field] in values:
        with pytest.raises(error, match=why) as caught:
            champion(registry)

        assert len(str(caught.value)) < 700
        assert "s3cret" not in str(caught.value)


def test_alias_that_is_refused_though_it_exists_is_a_deleted_version_or_a_bad_answer(registry):
    registry.aliases = IN_PRODUCTION

    registry.failures = {"/alias": MISSING}
    with pytest.raises(CorruptModel, match="deleted while it was in production"):
        champion(registry)
    registry.failures = {"/alias": (400, b"")}
    with pytest.raises(StoreUnavailable, match="does not name its version"):
        champion(registry)


def test_artifacts_elsewhere_are_not_fetched(registry):
    for registry.artifact_uri in (None, LONG, "mlflow-artifacts:/2/../../etc"):
        registry.asked.clear()
        with pytest.raises(CorruptModel) as caught:
            champion(registry)

        assert len(registry.asked) == 2
        assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("way", "first", "drop"),
    [
        ("http", b"", b""),
        ("http", b"HTTP/1.1 200 OK\r\n", b"X-Drip: 1\r\n"),
        ("http", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" "),
        ("http", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b" "),
        ("http", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        ("http", b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x"),
        ("https", b"\x16\x03\x03\x40\x00", b"\0"),
        ("http by a proxy", b"HTTP/1.1 200 OK\r\n", b"X-Drip: 1\r\n"),
        ("https by a proxy", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["silent", "header", "body", "endless", "chunks", "chunk", "handshake", "proxy", "tunnel"],
)
def test_deadline_covers_the_whole_call(way, first, drop):
    scheme, *by_proxy = way.split(" ", 1)
    with dripping(first, drop) as uri:
        place = uri.removeprefix("http://")
        environment = {f"{scheme}_proxy": place} if by_proxy else {}
        source = HttpChampionSource(HttpRegistry(f"{scheme}://{place}", seconds=SECONDS, environment=environment))
        started = time.monotonic()

        with pytest.raises(StoreUnavailable, match="no complete answer within"):
            source.champion_ref()

        assert SECONDS <= time.monotonic() - started < 2 * SECONDS
        wait_until(lambda: not any(thread.name == "plain-http" for thread in threading.enumerate()))


def test_body_that_ends_early_is_unavailable():
    def cut(handler):
        handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"model_version"')
        handler.close_connection = True

    with answering(cut) as uri, pytest.raises(StoreUnavailable, match="bytes early"):
        champion_of(HttpChampionSource(HttpRegistry(uri, environment={})))


def test_neither_mlflow_nor_pandas_is_imported():
    program = "import sys, adapters.mlflow.champion_http; print({'mlflow', 'pandas', 'requests'} & set(sys.modules))"

    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert printed == "set()\n"


@pytest.mark.integration
def test_c11_both_ways_to_ask_a_real_server_give_one_answer(mlflow_server, open_store, model_name):
    store = open_store(mlflow_server.uri)
    over_http = HttpChampionSource(HttpRegistry(mlflow_server.uri, model=model_name, seconds=10, environment={}))

    def consent():
        nominations = [source.champion_ref() for source in (store, over_http)]
        assert nominations[0] == nominations[1]
        assert over_http.fetch(nominations[1]) == store.champion()
        return [ref.feature_change_approved for ref in nominations]

    assert over_http.champion_ref() is None
    with pytest.raises(CorruptModel, match="no such version"):
        over_http.version_ref("1")
    first, other = (store.save(ModelVersion("", a_model(slope, np.pi), a_lineage())).name for slope in (0.1 + 0.2, 2.0))
    assert over_http.champion_ref() is None
    store.promote(first, replacing=None, at=NOON)
    assert consent() == [False, False]
    store.promote(other, replacing=first, at=NOON, feature_change_approved=True)
    assert consent() == [True, True]
    store.rollback(at=NOON)
    assert consent() == [True, True]
    assert over_http.version_ref(other) == store.version_ref(other)
