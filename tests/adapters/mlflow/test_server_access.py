"""Access to an MLflow server from the environment, without a server."""

import os
from itertools import product
from unittest.mock import patch

import pytest
from requests.utils import get_environ_proxies, select_proxy

from adapters.mlflow.server_access import ServerAccess, without_user_info

SERVERS = (
    *("http://mlflow.corp.example", "https://MLflow.corp.example:5000", "http://localhost:5000"),
    *("http://10.1.2.3:5000", "https://127.0.0.1", "http://[::1]:5000", "https://[2001:db8::1]"),
)
PROXIES = (
    {},
    {"http_proxy": "http://lower:1"},
    {"HTTP_PROXY": "http://upper:1", "http_proxy": "http://lower:1"},
    {"HTTPS_PROXY": "http://upper:1", "ALL_PROXY": "http://all:1"},
    {"HTTP_PROXY": "http://upper:1", "http_proxy": "", "all_proxy": "http://all:1"},
    {"http_proxy": "http://lower:1", "all_proxy": "http://all:1", "ALL_PROXY": "http://other:1"},
)
EXEMPT = (
    *("", "*", "localhost, corp.example", "a,*", ".Corp.Example", "example:5000", "rp.example"),
    *("mlflow.corp.example:1", "mlflow.corp.example:5000", "10.0.0.0/8,::1", "10.1.2.3:5000", "10.1.2.3 "),
    *("0.0.0.0/0", "10.1.2.4/255.0.0.0", "10.1.2.300/8", "127.0.0.1/x, 127.0.0.1", "[::1]", "::1:5000"),
    *("2001:db8::1", "0.0.1"),
)


def test_proxy_is_the_one_that_requests_takes():
    for server, proxies, exempt in product(SERVERS, PROXIES, EXEMPT):
        environment = {**proxies, "NO_PROXY": exempt}
        with patch.dict(os.environ, environment, clear=True):
            expected = select_proxy(server, get_environ_proxies(server))

        proxy = ServerAccess.to(server, environment).proxy

        assert (proxy and f"http://{proxy.host}:{proxy.port}") == expected, (server, environment)


def test_lower_case_no_proxy_comes_first():
    both = {"http_proxy": "http://proxy", "no_proxy": "other.example", "NO_PROXY": "*"}

    assert ServerAccess.to("http://mlflow", both).proxy.port == 80


@pytest.mark.parametrize(
    ("variables", "why"),
    [
        ({"http_proxy": "socks5://s3cret@proxy:1080"}, "http_proxy must be http://HOST"),
        ({"http_proxy": "https://s3cret@proxy:1080"}, "http_proxy must be http://HOST"),
        ({"HTTP_PROXY": "proxy:s3cret"}, "http_proxy must be http://HOST"),
        ({"HTTP_PROXY": "http://ł:s3cret@proxy"}, "http_proxy must be http://HOST"),
        ({"all_proxy": "http://[::1:s3cret"}, "all_proxy must be http://HOST"),
        ({"MLFLOW_TRACKING_INSECURE_TLS": "s3cret"}, "MLFLOW_TRACKING_INSECURE_TLS must be true or false"),
        ({"MLFLOW_TRACKING_INSECURE_TLS": "1", "MLFLOW_TRACKING_SERVER_CERT_PATH": "/s3cret"}, "CERT_PATH exclude"),
        ({"MLFLOW_TRACKING_TOKEN": "s3cret\n"}, "MLFLOW_TRACKING_TOKEN must be of printable ASCII"),
        ({"MLFLOW_TRACKING_TOKEN": "s3cret-ł"}, "MLFLOW_TRACKING_TOKEN must be of printable ASCII"),
    ],
)
def test_variable_that_cannot_be_followed_is_named_without_its_value(variables, why):
    with pytest.raises(ValueError, match=why) as caught:
        ServerAccess.to("http://mlflow:5000", variables)

    assert "s3cret" not in str(caught.value)


def test_user_info_is_taken_out_of_the_address():
    for uri, without in (
        ("http://me:p@ss@host:1/a@b", "http://host:1/a@b"),
        ("https://host", "https://host"),
        ("http://a:b@[::1]:5000/", "http://[::1]:5000/"),
    ):
        assert without_user_info(uri) == without


def test_international_name_is_sent_as_dns_has_it():
    assert ServerAccess.to("http://bücher.example/a", {}).authority == "xn--bcher-kva.example:80"
