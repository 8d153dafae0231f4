import pytest

from adapters.files.feedback_keys import MAX_BYTES, feedback_secrets, read_feedback_keys

SECRETS = ["ab" * 32, "CD" * 32]


def test_keys_are_read_from_the_lines_of_a_file(tmp_path):
    path = tmp_path / "keys"
    path.write_text(f"2:{SECRETS[0]}\n1:{SECRETS[1]}\n")

    assert [key.number for key in read_feedback_keys(path).keys] == [2, 1]
    assert feedback_secrets(path) == SECRETS


def test_file_of_another_form_is_an_error_and_its_secrets_are_known(tmp_path):
    path = tmp_path / "keys"
    for text in (f"keys = {SECRETS[0]}", f"1:{SECRETS[0]}\xff", f"1:{SECRETS[0]}\n" * 3):
        path.write_text(text)

        with pytest.raises(ValueError, match=r"line|keys"):
            read_feedback_keys(path)
        assert SECRETS[0] in feedback_secrets(path)
    path.write_text("1" * (MAX_BYTES + 1))
    with pytest.raises(ValueError, match="larger"):
        read_feedback_keys(path)
    for absent in (tmp_path, tmp_path / "none"):
        assert feedback_secrets(absent) == []
