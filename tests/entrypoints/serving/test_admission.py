import dataclasses
import logging

import pytest

from adapters.memory.key_store import MemoryKeyStore
from entrypoints.serving.admission import NoKeys, decide_on_keys, host_names, refuse_header_variables
from entrypoints.settings import Settings, WrongSetting
from tests.contracts.key_store import a_key

HERE = ["127.0.0.1", "127.8.9.1", "::1"]
ABROAD = ["0.0.0.0", "::", "10.0.0.1", "203.0.113.7", "fe80::1%eth0", "2001:db8::1"]  # noqa: S104  # it is refused


@pytest.fixture
def settings(monkeypatch):
    monkeypatch.delenv("ENDEAVOUR_ALLOW_ANONYMOUS", raising=False)
    return Settings.from_environment()


@pytest.fixture
def nothing():
    return MemoryKeyStore()


@pytest.fixture
def one_key():
    store = MemoryKeyStore()
    store.add(a_key("a1"))
    return store


@pytest.fixture
def revoked(one_key):
    one_key.revoke("a1")
    return one_key


@pytest.mark.parametrize("address", HERE)
def test_without_keys_everybody_on_this_host_is_served(settings, nothing, address):
    assert decide_on_keys(settings, address, nothing).allow_anonymous


def test_file_of_keys_that_was_named_and_is_not_there_is_told_of(settings, nothing, caplog, tmp_path):
    named = dataclasses.replace(settings, keys=tmp_path / "kyes.json")

    assert decide_on_keys(named, "127.0.0.1", nothing).allow_anonymous
    ((level, record),) = [(record.levelno, record) for record in caplog.records]
    assert (level, record.message, record.no_keys_in) == (
        logging.WARNING,
        "everybody_may_predict",
        str(tmp_path / "kyes.json"),
    )


@pytest.mark.parametrize("address", ABROAD)
def test_without_keys_nobody_else_is(settings, nothing, address):
    with pytest.raises(NoKeys, match="endeavour keys add") as caught:
        decide_on_keys(settings, address, nothing)

    assert caught.value.place == str(settings.keys)
    assert "--allow-anonymous" in str(caught.value)


@pytest.mark.parametrize("address", ABROAD)
def test_without_keys_everybody_is_if_that_is_said_and_a_warning_says_it_again(settings, nothing, address, caplog):
    allowing = dataclasses.replace(settings, allow_anonymous=True)

    assert decide_on_keys(allowing, address, nothing).allow_anonymous
    assert [(record.levelno, record.message) for record in caplog.records] == [
        (logging.WARNING, "everybody_may_predict")
    ]


@pytest.mark.parametrize("allow", [False, True])
@pytest.mark.parametrize("address", HERE + ABROAD)
def test_keys_are_asked_for_everywhere_whatever_is_said(settings, one_key, address, allow):
    said = dataclasses.replace(settings, allow_anonymous=allow)

    assert not decide_on_keys(said, address, one_key).allow_anonymous


def test_revoking_the_last_key_opens_nothing(settings, revoked):
    assert not decide_on_keys(settings, "127.0.0.1", revoked).allow_anonymous
    with pytest.raises(NoKeys):
        decide_on_keys(settings, "10.0.0.1", revoked)


def test_names_are_those_of_this_machine_on_a_loopback_address_and_any_elsewhere_or_if_that_is_said(settings):
    named = dataclasses.replace(settings, host="Box.local")

    assert host_names(named, "127.0.0.1") == {"localhost", "box.local"}
    assert host_names(named, "10.0.0.1") == frozenset()
    assert host_names(dataclasses.replace(named, allow_anonymous=True), "127.0.0.1") == frozenset()


@pytest.mark.parametrize("name", ["HTTP_X_API_KEY", "HTTP_AUTHORIZATION", "HTTP_HOST", "HTTP_", "HTTP_PROXY_X"])
def test_variable_that_is_named_like_a_header_is_refused(name):
    with pytest.raises(WrongSetting, match=name) as caught:
        refuse_header_variables({"PATH": "/bin", name: "SECRET"})

    assert "SECRET" not in str(caught.value)


def test_other_variables_are_none_of_ours():
    refuse_header_variables({"HTTP_PROXY": "x", "http_x_api_key": "x", "HTTPS_PROXY": "x", "XHTTP_A": "x"})
