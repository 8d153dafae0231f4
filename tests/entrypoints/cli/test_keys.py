"""`endeavour keys` over a real file."""

import json

import pytest

from adapters.files.key_store import FileKeyStore
from entrypoints.cli.main import run
from entrypoints.container import Container


@pytest.fixture
def path(artifacts, monkeypatch):
    monkeypatch.delenv("ENDEAVOUR_API_KEYS_FILE", raising=False)
    return artifacts / "keys.json"


@pytest.fixture
def keys(path, capsys):
    """Run a command on keys as a process of its own would, and return exit code, standard output and error."""

    def command(*words):
        code = run(("keys", *words), Container())
        return code, *capsys.readouterr()

    return command


def test_added_key_is_printed_alone_for_scripts_and_listed_without_its_secret(keys, path):
    code, text, err = keys("add", "web")
    keys("add", "ops", "--role", "operate", "--role", "metrics")

    key_id, _, secret = text.strip().partition(".")
    key = FileKeyStore(path).ring().authenticate(text.removesuffix("\n"))
    listed = keys("list")
    assert (code, listed[0]) == (0, 0)
    assert (key.id, key.name, key.roles) == (key_id, "web", {"predict"})
    assert key_id in err
    assert all(word in listed[1] for word in (key_id, "web", "predict", "ops", "metrics, operate"))
    assert secret not in err + listed[1]


def test_list_without_keys_prints_whether_the_server_is_open_or_closed(keys):
    assert keys("list")[:2] == (0, "no keys yet; `endeavour keys add NAME` creates one\n")
    key = keys("add", "web")[1]

    keys("revoke", key.partition(".")[0])

    assert "no keys: the server rejects every client" in keys("list")[1]


def test_key_is_revoked_by_its_id_or_its_whole_text(keys, path):
    for whole in (False, True):
        key = keys("add", "web")[1].strip()
        key_id = key.partition(".")[0]

        assert keys("revoke", key if whole else key_id) == (0, f"revoked: key {key_id} of web\n", "")
        assert FileKeyStore(path).ring().keys == ()


def test_programs_get_json(keys):
    added = json.loads(keys("add", "web", "--json")[1])
    assert set(added) == {"id", "name", "roles", "created", "key"}
    del added["key"]

    assert json.loads(keys("list", "--json")[1]) == [added]
    assert json.loads(keys("revoke", added["id"], "--json")[1]) == added
    assert json.loads(keys("list", "--json")[1]) == []


def test_refusal_names_the_cause_without_a_secret_and_writes_nothing(keys, path):
    for words, code, message in (
        (("add", "a name"), 2, "a name"),
        (("add", "web", "--role", "admin"), 2, "--role"),
        (("add",), 2, "NAME"),
        (("revoke", "absent.VERY-SECRET"), 4, "no key 'absent'; `endeavour keys list` lists the keys"),
    ):
        got, out, err = keys(*words)

        assert (got, out) == (code, "")
        assert message in err
        assert "VERY-SECRET" not in err
    assert not path.exists()


def test_damaged_file_is_named_and_left_alone(keys, path):
    path.parent.mkdir()
    path.write_text('{"schema": 1, "keys": {"a1"')

    for words in (("list",), ("add", "web"), ("revoke", "a1")):
        code, out, err = keys(*words)
        assert (code, out) == (4, "")
        assert str(path) in err
        assert len(err.splitlines()) == 1
    assert path.read_text() == '{"schema": 1, "keys": {"a1"'
