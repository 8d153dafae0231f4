"""`endeavour keys`: its options, its output, its exit codes, over a real file."""

import json

import pytest

from adapters.files.key_store import FileKeyStore
from entrypoints.cli.main import run
from entrypoints.container import Container


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.delenv("ENDEAVOUR_API_KEYS_FILE", raising=False)
    monkeypatch.setenv("ENDEAVOUR_DATA_DIR", str(tmp_path / "artifacts"))
    return tmp_path / "artifacts" / "keys.json"


@pytest.fixture
def keys(path, capsys):
    """Run a command on keys as a process of its own would, and return exit code, standard output and error."""

    def command(*words):
        code = run(("keys", *words), Container())
        out, err = capsys.readouterr()
        return code, out, err

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


def test_list_says_whether_the_server_is_open_or_closed(keys):
    assert keys("list")[:2] == (0, "no keys yet; `endeavour keys add NAME` makes one\n")
    key = keys("add", "web")[1]

    keys("revoke", key.partition(".")[0])

    assert "no keys: the server refuses every client" in keys("list")[1]


@pytest.mark.parametrize("whole", [False, True])
def test_revoked_key_is_gone(keys, path, whole):
    key = keys("add", "web")[1].strip()

    code, out, err = keys("revoke", key if whole else key.partition(".")[0])

    assert (code, err) == (0, "")
    assert out == f"revoked: key {key.partition('.')[0]} of web\n"
    assert FileKeyStore(path).ring().keys == ()


def test_programs_get_json(keys):
    added = json.loads(keys("add", "web", "--json")[1])
    assert set(added) == {"id", "name", "roles", "created", "key"}
    del added["key"]

    assert json.loads(keys("list", "--json")[1]) == [added]
    assert json.loads(keys("revoke", added["id"], "--json")[1]) == added
    assert json.loads(keys("list", "--json")[1]) == []


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("add", "a name"), 2, "a name"),
        (("add", "web", "--role", "admin"), 2, "--role"),
        (("add",), 2, "NAME"),
        (("revoke", "nobody.VERY-SECRET"), 4, "no key 'nobody'; `endeavour keys list` lists the keys"),
    ],
)
def test_refusal_is_explained_and_nothing_is_written(keys, path, words, code, told):
    got, out, err = keys(*words)

    assert (got, out) == (code, "")
    assert told in err
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


def test_place_that_cannot_be_written_is_exit_code_3(keys, path):
    path.parent.write_text("a file where the folder should be")

    code, _, err = keys("add", "web")

    assert (code, len(err.splitlines())) == (3, 1)
