import pytest

from domain.data.column_names import MAX_NAME_CHARACTERS, require_known_names, validate_names
from domain.data.errors import InvalidData
from domain.errors import format_names


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("a", "b", "a"), "column 'a' appears more than once"),
        *((("a", f"b{steering}"), "control character") for steering in ("\x1b]0;x\x07", "\x9b31m", "\u2028", "\u202e")),
        (("a", "b" * (MAX_NAME_CHARACTERS + 1)), f"501 characters; shorten it to {MAX_NAME_CHARACTERS}"),
    ],
)
def test_names_that_a_model_cannot_carry_are_refused(names, message):
    with pytest.raises(InvalidData, match=message) as caught:
        validate_names(names)

    assert names[1] not in str(caught.value) or names[1] == "b"
    assert len(str(caught.value)) < 200


def test_other_names_are_taken():
    validate_names(("größe", "<script>", "=cmd()", "a b", "A B", "b" * MAX_NAME_CHARACTERS))


def test_unknown_name_is_reported_with_the_known_ones():
    require_known_names(("b", "a"), ("a", "b"))
    with pytest.raises(InvalidData, match="no column 'price'; the columns are a, b"):
        require_known_names(("a", "price"), ("a", "b"))


def test_long_lists_of_names_are_cut():
    assert format_names([f"x{number}" for number in range(13)]).endswith("x11, … (13 in all)")
    assert format_names([]) == "none"
