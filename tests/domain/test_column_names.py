import pytest

from domain.column_names import MAX_NAME_CHARACTERS, refuse_unusable_names
from domain.errors import DuplicateColumn, LongColumn, UnprintableColumn


@pytest.mark.parametrize(
    ("names", "error"),
    [
        (("a", "b", "a"), DuplicateColumn),
        (("a", "price\x1b[31m"), UnprintableColumn),
        (("a", "b" * (MAX_NAME_CHARACTERS + 1)), LongColumn),
    ],
)
def test_names_that_a_model_cannot_carry_are_refused(names, error):
    with pytest.raises(error):
        refuse_unusable_names(names)


def test_other_names_are_taken():
    refuse_unusable_names(("größe", "<script>", "=cmd()", "a b", "A B", "b" * MAX_NAME_CHARACTERS))
