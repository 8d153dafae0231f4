import dataclasses

import pytest

from adapters.memory.key_store import InMemoryKeyStore
from entrypoints.server.access_policy import NoApiKeys, host_names, reject_http_env_vars, resolve_anonymous_access
from entrypoints.settings import ConfigurationError, Settings
from tests.contracts.key_store import a_key

HERE = ["127.0.0.1", "127.8.9.1", "::1"]
ABROAD = ["0.0.0.0", "::", "10.0.0.1", "203.0.113.7", "fe80::1%eth0", "2001:db8::1"]  # noqa: S104  # it is refused


@pytest.fixture
def settings(monkeypatch):
    monkeypatch.delenv("ENDEAVOUR_ALLOW_ANONYMOUS", raising=False)
    return Settings.from_environment()


@pytest.fixture
def one_key():
    store = InMemoryKeyStore()
    store.add(a_key("a1"))
    return store


def warnings(caplog):
    found = [(record.message, record.no_keys_in) for record in caplog.records]
    caplog.clear()
    return found


def test_without_keys_clients_of_this_host_alone_are_served_unless_the_settings_allow_all(settings, caplog):
    nothing, allowing = InMemoryKeyStore(), dataclasses.replace(settings, allow_anonymous=True)
    for address in HERE:
        assert resolve_anonymous_access(settings, address, nothing).allow_anonymous
    assert warnings(caplog) == []
    for address in ABROAD:
        with pytest.raises(NoApiKeys, match=f"{settings.api_keys_file}.*endeavour keys add.*ENDEAVOUR_ALLOW_ANONYMOUS"):
            resolve_anonymous_access(settings, address, nothing)
        assert resolve_anonymous_access(allowing, address, nothing).allow_anonymous
        assert warnings(caplog) == [("anonymous_access_enabled", str(settings.api_keys_file))]


def test_missing_file_of_keys_that_was_named_is_a_warning(settings, caplog, tmp_path):
    named = dataclasses.replace(settings, api_keys_file=tmp_path / "kyes.json")

    assert resolve_anonymous_access(named, "127.0.0.1", InMemoryKeyStore()).allow_anonymous
    assert warnings(caplog) == [("anonymous_access_enabled", str(tmp_path / "kyes.json"))]


def test_keys_are_needed_everywhere_where_there_are_some(settings, one_key):
    for allowed in (False, True):
        for address in HERE + ABROAD:
            given = dataclasses.replace(settings, allow_anonymous=allowed)
            assert not resolve_anonymous_access(given, address, one_key).allow_anonymous


def test_revoking_the_last_key_opens_nothing(settings, one_key):
    one_key.revoke("a1")

    assert not resolve_anonymous_access(settings, "127.0.0.1", one_key).allow_anonymous
    with pytest.raises(NoApiKeys):
        resolve_anonymous_access(settings, "10.0.0.1", one_key)


def test_host_names_are_those_of_this_machine_on_a_loopback_address_alone(settings):
    named = dataclasses.replace(settings, host="Box.local")

    assert host_names(named, "127.0.0.1") == {"localhost", "box.local"}
    assert host_names(named, "10.0.0.1") == frozenset()
    assert host_names(dataclasses.replace(named, allow_anonymous=True), "127.0.0.1") == frozenset()


def test_variable_that_is_named_like_a_header_is_refused():
    for name in ("HTTP_X_API_KEY", "HTTP_AUTHORIZATION", "HTTP_HOST", "HTTP_", "HTTP_PROXY_X"):
        with pytest.raises(ConfigurationError, match=name) as caught:
            reject_http_env_vars({"PATH": "/bin", name: "SECRET"})
        assert "SECRET" not in str(caught.value)

    reject_http_env_vars({"HTTP_PROXY": "x", "http_x_api_key": "x", "HTTPS_PROXY": "x", "XHTTP_A": "x"})
