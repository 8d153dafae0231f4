"""Contract of a champion source that asks an MLflow server: held by the plain HTTP client and by MLflow's client."""

import os
import ssl
import time
from contextlib import suppress
from itertools import pairwise
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest

from domain.errors import StoreUnavailable
from domain.model.model_version import ModelVersion
from tests.support.certificates import certificates
from tests.support.examples import NOON, a_lineage, a_model
from tests.support.mlflow.fronts import NAME, basic, forward_proxy, front
from tests.support.mlflow.servers import answering
from tests.support.program import free_port

USER, PASSWORD, QUOTED = "zoë", "pä ss:ł/1%", "zo%C3%AB:p%C3%A4%20ss%3A%C5%82%2F1%25"
CERTIFICATE = "MLFLOW_TRACKING_SERVER_CERT_PATH"
AUTHORITIES = (CERTIFICATE, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")  # by precedence
VARIABLES = (
    *AUTHORITIES,
    *(f"MLFLOW_TRACKING_{name}" for name in ("USERNAME", "PASSWORD", "TOKEN", "CLIENT_CERT_PATH", "INSECURE_TLS")),
    *(name for scheme in ("http", "https", "all", "no") for name in (f"{scheme}_proxy", f"{scheme}_PROXY".upper())),
)


def _sending(data):
    def fault(handler):
        handler.wfile.write(data)
        handler.close_connection = True

    return fault


def _replying(status, body, **headers):
    return lambda handler: handler.reply(status, body, **headers)


FAULTS = (
    (_replying(200, b"<html>"), "http", "cannot be used: its answer is not JSON of MLflow; set MLFLOW"),
    (_sending(b""), "http", "is not available: its answer was lost: the connection ended"),
    (_sending(b"220 mail ready\r\n"), "http", "is not available: its answer (is not HTTP|was lost)"),
    (_replying(429, b""), "http", "is not available: it answers 429"),
    (_replying(302, b"", Location="http://127.0.0.1:1/"), "http", "302"),
    (_replying(200, b"<html>"), "https", "cannot be used: it does not answer by TLS; set MLFLOW"),
)


@pytest.mark.integration
class ChampionSourceContract:
    """Subclasses give `connect_to`, a function from an address to a source of the model `model_name`."""

    @pytest.fixture
    def reach(self, connect_to):
        """A function that asks for a champion that is not there, which is None if the server can be reached."""

        def reach(uri, **variables):
            with patch.dict(os.environ, variables):  # a connection changes the environment
                return connect_to(uri).champion_ref() is None

        return reach

    @pytest.fixture(autouse=True)
    def _bare_environment(self, monkeypatch, tmp_path):
        for name in VARIABLES:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HOME", str(tmp_path))

    @pytest.fixture
    def write_credentials(self, tmp_path):
        def write(content="[mlflow]", **values):
            path = tmp_path / ".mlflow" / "credentials"
            path.parent.mkdir(exist_ok=True)
            lines = [content, *(f"{name.lower()} = {value.replace('%', '%%')}" for name, value in values.items())]
            path.write_text("\n".join(lines), encoding="utf-8")

        return write

    @pytest.fixture(scope="module")
    def made(self, tmp_path_factory):
        return certificates(tmp_path_factory.mktemp("tls"), "127.0.0.1", NAME)

    @pytest.fixture
    def tls(self, made):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(made.pair)
        return context

    @pytest.fixture
    def secure(self, mlflow_server, tls):
        with front(mlflow_server.uri, tls=tls) as uri:
            yield uri

    def test_own_authority_is_trusted_if_a_variable_names_it(self, reach, secure, made):
        with pytest.raises(StoreUnavailable, match=f"certificate is refused .*; set {CERTIFICATE}"):
            reach(secure)

        for variable in AUTHORITIES:
            place = made.folder() if variable == "SSL_CERT_DIR" else made.authority
            assert reach(secure, **{variable: str(place)}), variable

    def test_first_variable_decides_and_an_empty_one_counts_as_unset(self, reach, secure, made, tmp_path):
        other = str(certificates(tmp_path, NAME).authority)

        assert reach(secure, **{CERTIFICATE: ""}, REQUESTS_CA_BUNDLE=str(made.authority))
        assert reach(secure, MLFLOW_TRACKING_INSECURE_TLS="true", REQUESTS_CA_BUNDLE=other)
        for empty in (CERTIFICATE, "MLFLOW_TRACKING_INSECURE_TLS"):
            with pytest.raises(StoreUnavailable, match="certificate is refused"):
                reach(secure, **{empty: ""})
        for first, second in pairwise(AUTHORITIES[:-1]):
            with pytest.raises(StoreUnavailable, match="certificate is refused"):
                reach(secure, **{first: other, second: str(made.authority)})

    def test_file_that_does_not_load_is_named_with_its_variable(self, reach, secure, tmp_path):
        (tmp_path / "no.pem").write_text("no PEM")

        for variable in (CERTIFICATE, "SSL_CERT_FILE", "MLFLOW_TRACKING_CLIENT_CERT_PATH"):
            for path in (tmp_path / "no.pem", tmp_path / "not there"):
                with pytest.raises(StoreUnavailable, match=f"{variable} names {path}, which must hold"):
                    reach(secure, **{variable: str(path)})

    def test_certificate_of_the_client_is_shown(self, reach, mlflow_server, made, tls):
        tls.load_verify_locations(made.authority)
        tls.verify_mode = ssl.CERT_REQUIRED
        trusted = {CERTIFICATE: str(made.authority)}

        with front(mlflow_server.uri, tls=tls) as uri:
            with pytest.raises(StoreUnavailable):
                reach(uri, **trusted)
            assert reach(uri, **trusted, MLFLOW_TRACKING_CLIENT_CERT_PATH=str(made.pair))

    def test_credentials_that_come_first_are_sent_in_utf_8(self, reach, mlflow_server, write_credentials, tmp_path):
        (tmp_path / ".netrc").write_text("default login wrong password wrong")
        names = "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"
        right, wrong = dict(zip(names, (USER, PASSWORD), strict=True)), dict.fromkeys(names, "wrong")
        token = {"MLFLOW_TRACKING_TOKEN": "t0ken"}

        with front(mlflow_server.uri, authorization=basic(USER, PASSWORD)) as uri:
            assert reach(uri.replace("//", f"//{QUOTED}@"), **wrong, **token)
            write_credentials(**wrong)
            assert reach(uri, **right, **token, MLFLOW_TRACKING_AUTH="plugin", MLFLOW_TRACKING_AWS_SIGV4="true")
            write_credentials(**{**right, names[0]: "wrong"})
            assert reach(uri, **{names[0]: USER}, **token)
            write_credentials(**right)
            assert reach(uri, **token)
            with pytest.raises(StoreUnavailable):
                reach(uri, **wrong)
        write_credentials(**{**right, names[1]: ""})
        with front(mlflow_server.uri, authorization="Bearer t0ken") as uri:
            assert reach(uri.replace("//", "//user:@"), **token)

    def test_unusable_credentials_file_is_named_without_its_content(self, reach, mlflow_server, write_credentials):
        for content in ("mlflow_tracking_password = s3cret", "[mlflow]\nmlflow_tracking_password = s3cret%"):
            write_credentials(content)
            why = r"~/\.mlflow/credentials must hold the section \[mlflow\]"
            with pytest.raises(StoreUnavailable, match=why) as caught:
                reach(mlflow_server.uri)
            assert "s3cret" not in str(caught.value)

    def test_workspace_of_the_environment_is_sent(self, reach):
        asked = []

        def answer(handler):
            asked.append(handler.headers["X-MLFLOW-WORKSPACE"])
            handler.reply(404, b'{"error_code": "RESOURCE_DOES_NOT_EXIST"}')

        with answering(answer) as uri, suppress(StoreUnavailable):
            reach(uri, MLFLOW_WORKSPACE=" team ")

        assert set(asked) == {"team"}

    def test_proxy_is_asked_unless_the_host_is_exempt(self, reach, mlflow_server):
        named = mlflow_server.uri.replace("127.0.0.1", NAME)
        asked = []
        with forward_proxy(asked) as proxy:
            for variable in ("http_proxy", "HTTP_PROXY", "all_proxy"):
                assert reach(named, **{variable: proxy}), variable
                assert all(f" {named}/" in request for request in asked)
                # A proxy is used for this machine too, as by requests.
                assert reach(mlflow_server.uri, **{variable: f"http://{proxy}"}), variable
                assert f" {mlflow_server.uri}/" in asked[-1]
                asked.clear()

                assert reach(mlflow_server.uri, **{variable: proxy, "NO_PROXY": "localhost, 127.0.0.0/8"})
                assert asked == []

    def test_tunnel_of_a_proxy_that_asks_for_a_password_leads_to_a_secure_server(self, reach, secure, made):
        named, asked = secure.replace("127.0.0.1", NAME), []
        trusted = {CERTIFICATE: str(made.authority)}
        with forward_proxy(asked, "Basic bWU6cDpA") as proxy:  # me:p:@
            assert reach(named, **trusted, https_proxy=f"http://me:p%3A%40@{proxy}")
            assert set(asked) == {f"CONNECT {urlsplit(named).netloc}"}

            for scheme, uri in (("https", named), ("http", f"http://{NAME}:5000")):
                why = f"the proxy {proxy} of {scheme}_proxy answers 407; set USER:PASSWORD@"
                with pytest.raises(StoreUnavailable, match=why):
                    reach(uri, **trusted, **{f"{scheme}_proxy": f"http://me:wr0ng@{proxy}"})

    @pytest.mark.slow
    def test_model_is_fetched_through_proxy_tls_login_and_prefix(
        self, connect_to, mlflow_server, open_store, made, tls
    ):
        with (
            front(mlflow_server.uri, authorization=basic(USER, PASSWORD), prefix="/t%C3%ABam", tls=tls) as uri,
            forward_proxy([]) as proxy,
            patch.dict(os.environ, https_proxy=proxy, SSL_CERT_FILE=str(made.authority)),
        ):
            place = uri.replace("127.0.0.1", f"{QUOTED}@{NAME}").replace("%C3%ABam", "ëam/")
            store, source = open_store(place), connect_to(place)
            saved = store.save(ModelVersion("", a_model(), a_lineage()))
            store.promote(saved.name, replacing=None, at=NOON)

            assert source.fetch(source.champion_ref()) == saved

    def test_proxy_that_cannot_be_reached_is_named(self, reach):
        gone = f"127.0.0.1:{free_port()}"
        for scheme in ("http", "https"):
            why = f"the proxy {gone} of {scheme}_proxy cannot be reached: .*refused"
            with pytest.raises(StoreUnavailable, match=why):
                reach(f"{scheme}://{NAME}", **{f"{scheme}_proxy": f"http://{gone}"})

    def test_address_without_a_server_is_unavailable_at_once_and_its_password_is_not_shown(self, reach):
        for place in (f"http://a:s3cret@127.0.0.1:{free_port()}", "http://none.invalid", "http://[::1", "http://"):
            started = time.monotonic()
            with pytest.raises(StoreUnavailable) as caught:
                reach(place)

            assert time.monotonic() - started < 2, place
            assert "s3cret" not in str(caught.value)
            assert "\n" not in str(caught.value)

    @pytest.mark.parametrize(("fault", "scheme", "why"), FAULTS)
    def test_failed_request_is_explained_without_text_of_a_library(self, reach, fault, scheme, why):
        def answer(handler):
            return handler.reply(200, b"") if handler.path == "/health" else fault(handler)

        with answering(answer) as uri, pytest.raises(StoreUnavailable, match=why) as caught:
            reach(uri.replace("http", scheme, 1))

        for text in ("API request", "HTTPConnectionPool", "SSL:", "Errno", "220"):
            assert text not in str(caught.value).replace(uri.partition("//")[2], "")
