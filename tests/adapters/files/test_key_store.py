"""Key file: replaced whole, readable by its owner only, and rejected if it is damaged."""

import json
import multiprocessing
import os
import stat

import pytest

from adapters.files.key_store import MAX_BYTES, FileKeyStore
from domain.access.api_key import Role
from domain.access.errors import CorruptKeyFile, KeysUnavailable
from tests.contracts.key_store import KeyStoreContract, a_key


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch):
    """`scenarios/test_power_cut.py` cuts the power of the same writing."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "etc" / "keys.json"


@pytest.fixture
def store(path):
    return FileKeyStore(path)


class TestFileKeyStore(KeyStoreContract):
    @pytest.fixture
    def second(self, path):
        return FileKeyStore(path)

    @pytest.fixture
    def unreachable(self, tmp_path):
        (tmp_path / "file").write_text("in the way")
        return FileKeyStore(tmp_path / "file" / "keys.json")

    @pytest.fixture
    def damage(self, path):
        return lambda: path.write_text("damaged")


def test_file_holds_digests_for_its_owner_only(store, path):
    store.add(a_key("a1", roles=(Role.METRICS, Role.PREDICT)))
    path.chmod(0o644)
    store.add(a_key("b2", second=1))
    store.revoke("b2")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_bytes()) == {
        "schema": 1,
        "keys": {
            "a1": {
                "name": "me",
                # sha256 of "a1.secret", as `printf a1.secret | sha256sum` has it
                "sha256": "564ae4335f0840754bac5b2fc1fb10a5e231fc53640c2f7f6cf25ca22f8c08cb",
                "roles": ["metrics", "predict"],
                "created": "2026-11-23T12:00:00+00:00",
            }
        },
    }
    assert "secret" not in path.read_text()


def test_every_change_is_seen_though_size_and_time_stay(store, path):
    store.add(a_key("a1"))
    assert store.ring() is store.ring()
    before = path.stat()
    text = path.read_text()
    assert store.ring().authenticate("a1.secret")

    with path.open("r+") as file:
        file.write(text.replace('"a1"', '"z9"'))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert store.ring().keys[0].id == "z9"


def test_link_is_followed_and_stays_one(store, path, tmp_path):
    path.parent.mkdir()
    elsewhere = tmp_path / "elsewhere.json"
    path.symlink_to(elsewhere)

    store.add(a_key("a1"))

    assert path.is_symlink()
    assert FileKeyStore(elsewhere).ring() == store.ring()


def entry(**changes):
    good = {"name": "me", "sha256": "0" * 64, "roles": ["predict"], "created": "2026-11-23T12:00:00+00:00"}
    return json.dumps({"schema": 1, "keys": {"a1": {**good, **changes}}})


BROKEN = {
    "empty": "",
    "cut": '{"schema": 1, "keys": {"a1": {"na',
    "no object": "[]",
    "no keys": '{"schema": 1}',
    "another schema": '{"schema": 2, "keys": {}}',
    "a list of keys": '{"schema": 1, "keys": []}',
    "an entry of nothing": '{"schema": 1, "keys": {"a1": null}}',
    "deep": "[" * 100_000,
    "no digest": entry(sha256=None),
    "no hex": entry(sha256="x" * 64),
    "unknown role": entry(roles=["admin"]),
    "no role": entry(roles=[]),
    "a role that is no list": entry(roles="predict"),
    "a role in a list": entry(roles=[["predict"]]),
    "no time": entry(created="yesterday"),
    "time without a zone": entry(created="2026-11-23T12:00:00"),
    "number as name": entry(name=7),
    "no text": b"\xff\xfe\x00",
}


def test_damaged_file_is_an_error_and_is_not_written_over(store, path):
    path.parent.mkdir()
    path.write_text(entry(roles=["predict", "operate"]))
    assert [key.id for key in store.ring().keys] == ["a1"]
    for case, content in BROKEN.items():
        data = content if isinstance(content, bytes) else content.encode()
        path.write_bytes(data)

        with pytest.raises(CorruptKeyFile, match=r"keys\.json"):
            pytest.fail(f"{case}: {store.ring()}")
        with pytest.raises(CorruptKeyFile):
            store.add(a_key("b2"))

        assert path.read_bytes() == data


def test_file_without_end_is_not_read(store, path):
    path.parent.mkdir()
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(CorruptKeyFile, match="larger"):
        store.ring()


def test_failed_write_leaves_the_keys_as_they_were(store, path, mocker):
    store.add(a_key("a1"))
    before = path.read_bytes()
    mocker.patch("os.fsync", autospec=True, side_effect=OSError(28, "No space left on device"))

    with pytest.raises(KeysUnavailable, match=r"keys\.json"):
        store.revoke("a1")

    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir() if file.suffix == ".tmp"] == []


def _add_ten(path, worker, together):
    store = FileKeyStore(path)
    together.wait()
    for number in range(10):
        store.add(a_key(f"w{worker}n{number}", f"client{worker}-{number}"))


def test_keys_added_by_many_processes_at_once_are_all_kept(path):
    spawn = multiprocessing.get_context("spawn")
    together = spawn.Barrier(3)
    workers = [spawn.Process(target=_add_ten, args=(path, number, together)) for number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(FileKeyStore(path).ring().keys) == 30
