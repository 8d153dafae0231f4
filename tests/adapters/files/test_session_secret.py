"""Secret of sessions: made once, for its owner only, and an unusable file is no secret."""

import stat

import pytest

from adapters.files.session_secret import FileSessionSecret
from domain.access.errors import KeysUnavailable

FIRST, SECOND = b"\x01" * 32, b"\x02" * 32


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys" / "console.secret"


def test_secret_is_made_once_for_its_owner(path):
    store = FileSessionSecret(path)
    before = store.read()

    store.make(FIRST)
    store.make(SECOND)

    assert (before, FileSessionSecret(path).read()) == (None, FIRST)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_secret_of_an_operator_may_have_a_line_break_and_other_digits(path):
    path.parent.mkdir()
    path.write_bytes(b" AB" * 40 + b"\r\n")

    assert FileSessionSecret(path).read() == b"\xab" * 40


def test_file_that_holds_no_secret_is_an_error_that_does_not_show_it(path):
    path.parent.mkdir()
    for content in (b"", b"ab" * 31, b"a" * 65, b"secret" * 20, b"\xff" * 64, b"ab" * 4096):
        path.write_bytes(content)

        with pytest.raises(KeysUnavailable) as raised:
            FileSessionSecret(path).read()

        assert str(path) in str(raised.value)
        assert "secretsecret" not in str(raised.value)


def test_place_that_cannot_be_used_is_an_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    store = FileSessionSecret(tmp_path / "file" / "console.secret")

    with pytest.raises(KeysUnavailable):
        store.make(FIRST)
    with pytest.raises(KeysUnavailable):
        store.read()
    assert [place.name for place in tmp_path.iterdir()] == ["file"]
