import pytest

from domain.data.column_names import MAX_NAME_CHARACTERS, validate_names
from domain.data.errors import InvalidData, UnusableColumns
from domain.errors import format_names


def test_names_that_a_model_cannot_carry_are_refused_without_being_printed():
    validate_names(("größe", "<script>", "=cmd()", "a b", "A B", "b" * MAX_NAME_CHARACTERS))
    steering = ("\x1b]0;x\x07", "\x9b31m", "\u2028", "\u202e")
    for name in ("a", *(f"b{text}" for text in steering), "b" * (MAX_NAME_CHARACTERS + 1)):
        with pytest.raises(InvalidData) as caught:
            validate_names(("a", name))

        assert name == "a" or name not in str(caught.value)
        assert len(str(caught.value)) < 200


def test_long_lists_of_names_are_cut():
    assert format_names([f"x{number}" for number in range(13)]).endswith("x11, … (13 in all)")
    assert format_names([]) == "none"
    unusable = UnusableColumns({f"x{number}": "has no values" for number in range(1000)})
    assert (str(unusable).endswith("… (1000 columns in all)"), len(str(unusable)) < 600) == (True, True)
